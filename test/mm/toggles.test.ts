import { describe, expect, it } from "vitest";
import { MIB, MICROSECOND, SECOND } from "../../sim/engine/index.ts";
import { type Scenario, simulate, TOGGLES } from "../../sim/index.ts";
import { collectRows } from "../../src/validate/collect.ts";
import { runRow } from "../../src/validate/run-row.ts";
import { lines, sampleRow, withoutOutcome } from "../src/validate/helpers.ts";
import { memoryTask, plain, smallScenario } from "../support/scenarios.ts";

const { machine } = smallScenario();
const fast = { cpu: 20 * MICROSECOND };
const scene = (more: Partial<Scenario>): Scenario =>
  smallScenario({ duration: 2 * SECOND, timeline: [], tasks: [memoryTask(1500, fast)], ...more });

const mglru = { machine: { ...machine, reclaim: "mglru" } };
const group = {
  name: "app",
  max: 500,
  high: Infinity,
  low: 0,
  min: 0,
  swapMax: Infinity,
  swapHigh: Infinity,
};
const grouped = scene({
  duration: 6 * SECOND,
  groups: [group],
  tasks: ["one", "two"].map((name) => memoryTask(500, { ...fast, name, group: "app" })),
});
const smallSwap = scene({
  filesystem: {
    type: "btrfs",
    devices: ["vda"],
    options: {},
    files: [{ path: "/swapfile", size: 4 * MIB, nocow: true, preallocated: true, extents: 1 }],
  },
});
/** A small file that is read again and again, beside a large one that is read once. */
const reads = (pages: number) => ({ path: "/db", every: 1, pages, mapped: false, writes: 0 });
const twoFiles = scene({
  duration: SECOND,
  ...mglru,
  tasks: [
    memoryTask(300, { ...fast, fileReads: reads(100) }),
    memoryTask(300, { name: "copy", cpu: 10 * MICROSECOND, fileReads: reads(16_000) }),
  ],
});

/** For each mechanism of memory management a machine on which it matters. */
const SCENES: Readonly<Record<string, Scenario>> = {
  dropDirtyBit: scene({}),
  exactGroupStatistics: grouped,
  keepSlots: smallSwap,
  nestedPlugs: grouped,
  noChargeStock: grouped,
  noLookAround: scene(mglru),
  noLruBatches: scene({}),
  noRefaultActivation: scene({}),
  noTiers: twoFiles,
  walkSleepers: scene(mglru),
};

const fingerprintOf = (scenario: Scenario, faults: readonly string[]) => {
  const { verdict, counters } = simulate({ ...scenario, faults }, plain("pinned"), { maps: false });
  return { verdict, counters };
};

describe("a mechanism that is left out changes what the machine counts:", () => {
  it.each(Object.entries(SCENES))("%s", (toggle, scenario) => {
    expect(TOGGLES.map(({ name }) => name)).toContain(toggle);
    expect(fingerprintOf(scenario, [toggle])).not.toEqual(fingerprintOf(scenario, []));
  });

  it("noWatermarkBoost, on the measured machine, whose zones are fragmented", () => {
    const workload = [{ pat: "uniform", n: 140_000, m: 5000, w: 0.3, seed: 7 }];
    const row = withoutOutcome(sampleRow("gl192-part-ssd-pc0-sw60-lru0-uni1.25x", { workload }));
    const [measured] = collectRows([{ name: "row", text: lines(row) }]).rows;
    const phases = (without: readonly string[]) => {
      const run = runRow({ ...measured!.machine, without });
      return run.kind === "simulated" ? run.phases : run.reason;
    };
    expect(phases(["noWatermarkBoost"])).not.toEqual(phases([]));
  });
});
