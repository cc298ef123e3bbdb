import { describe, expect, it } from "vitest";
import { SECOND } from "../sim/engine/index.ts";
import { COSTS, type Scenario, type StrategyResult, type StrategyVariant, simulate } from "../sim/index.ts";
import { memoryTask, plain, smallScenario } from "./support/scenarios.ts";

const ERA_2014: StrategyVariant = { name: "2014", strategy: "direct-io", options: { era: "2014" } };

function run(variant: StrategyVariant, more: Partial<Scenario> = {}): StrategyResult {
  return simulate(
    smallScenario({ tasks: [memoryTask(1600, { cpu: 20_000 })], timeline: [], duration: SECOND, ...more }),
    variant,
    { maps: false },
  );
}

/** ns in faults by kind. */
function byKind({ faultTime }: StrategyResult): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, time } of faultTime.slices) sums[kind] = (sums[kind] ?? 0) + time;
  return sums;
}

describe("the time in page faults", () => {
  it.each(["pinned", "direct-io", "swap-rw"])(
    "with %s goes mostly to the disk, and nothing is left over",
    (name) => {
      const result = run(plain(name));
      const { device = 0, cpu = 0, lock = 0, memory = 0, other = 0 } = byKind(result);
      const all = device + cpu + lock + memory + other;
      expect(device / all).toBeGreaterThan(0.6);
      expect(other / all).toBeLessThan(0.01);
      expect(result.faultTime.faults).toBeGreaterThanOrEqual(result.counters["pgmajfault"]!);
    },
  );

  it("is longer with the 2014 series, and reclaim inside faults waits for the disk page by page", () => {
    const reclaiming = (result: StrategyResult): number =>
      result.faultTime.slices
        .filter(({ frames, kind }) => frames.includes("direct reclaim") && kind === "device")
        .reduce((sum, { time }) => sum + time, 0);
    const storm = { tasks: [memoryTask(3000, { cpu: 500 })] };
    expect(reclaiming(run(ERA_2014, storm))).toBeGreaterThan(10 * reclaiming(run(plain("pinned"), storm)));
  });

  it("follows what a step is said to cost", () => {
    const machine = { ...smallScenario().machine, costs: { btrfsDirectIo: 110_000 } };
    const [usual, slow] = [run(plain("direct-io")), run(plain("direct-io"), { machine })];
    expect(slow.faultLatencyNs.p50 - usual.faultLatencyNs.p50).toBeGreaterThan(90_000);
    expect(run(plain("pinned"), { machine }).fingerprint).toBe(run(plain("pinned")).fingerprint);
  });
});

describe("costs", () => {
  it("have a meaning each, and say of what they are the figure of others", () => {
    for (const { time, meaning } of Object.values(COSTS))
      expect([time > 0, meaning.length > 10]).toEqual([true, true]);
    const measured = Object.entries(COSTS).filter(([, { source }]) => source !== undefined);
    expect(measured.map(([name]) => name)).toEqual(["minorFault", "reuseFault", "copyPte", "decompress"]);
  });
});
