import { describe, expect, it } from "vitest";
import { SECOND } from "../sim/engine/index.ts";
import { type Scenario, type StrategyResult, simulate } from "../sim/index.ts";
import type { AccessSource } from "../sim/mm/index.ts";
import { memoryTask, plain, smallScenario, uniformAccesses } from "./support/scenarios.ts";

function run(more: Partial<Scenario>, strategy = "direct-io"): StrategyResult {
  return simulate(smallScenario({ duration: 20 * SECOND, ...more }), plain(strategy));
}

describe("the recording of a run", () => {
  const { recording, counters, faultLatencyNs, simulatedNs, psi, space } = run({});

  it("has one entry for each instant in every column, from the start to the end", () => {
    const { at, gauges, totals, latency } = recording;
    expect(at[0]).toBe(0);
    expect(at.at(-1)).toBe(simulatedNs);
    expect(at).toEqual([...new Set(at)].toSorted((a, b) => a - b));
    for (const column of [...Object.values(gauges), ...Object.values(totals), latency.counts]) {
      expect(column).toHaveLength(at.length);
    }
  });

  it("ends with the totals of the result", () => {
    const last = Object.fromEntries(
      Object.entries(recording.totals).map(([name, column]) => [name, column.at(-1)]),
    );
    expect(last).toEqual({
      pswpin: counters["pswpin"],
      pswpout: counters["pswpout"],
      pgmajfault: counters["pgmajfault"],
      stalledSomeNs: psi.some.total,
      stalledFullNs: psi.full.total,
    });
  });

  it("counts each major fault once, in a class that bounds the largest", () => {
    const { upToNs, counts } = recording.latency;
    const faults = counts.flat().reduce((sum, count) => sum + count, 0);
    expect(faults).toBeGreaterThan(100);
    expect(faults).toBeLessThanOrEqual(counters["pgmajfault"]!);
    expect(upToNs.at(-1)).toBeGreaterThanOrEqual(faultLatencyNs.max);
    expect(upToNs.at(-1)! / 1.2).toBeLessThan(faultLatencyNs.max);
  });

  it("maps the swap file where it is, before and after a balance has moved it", () => {
    const [before, after] = [recording.disk[0]!, recording.disk.at(-1)!];
    const swap = (cells: string): number => [...cells].filter((letter) => letter === "s").length;
    expect(before.cells.length * before.blocksPerCell * 4096).toBe(space!.before.size);
    expect(swap(before.cells)).toBe(32);
    expect(after.cells).not.toBe(before.cells);
    expect(swap(after.cells)).toBeGreaterThan(24);
  });

  it("keeps about as much of a long run as of a short one", () => {
    for (const duration of [2, 20, 200]) {
      const { at, disk } = run({ duration: duration * SECOND, timeline: [], tasks: [], swap: [] }).recording;
      expect(at.length).toBeLessThanOrEqual(402);
      expect(disk.length).toBeLessThanOrEqual(50);
    }
    const { at } = recording;
    expect(at.length).toBeGreaterThan(190);
  });

  it("leaves no trace in the run: recorded at other instants, the same run ends the same way", () => {
    const finite = (): AccessSource => {
      const { pages, fill } = uniformAccesses(2000, 7)();
      let batches = 4;
      return { pages, fill: (batch) => (batches-- > 0 ? fill(batch) : 0) };
    };
    const tasks = [memoryTask(2000, { open: finite, repeat: 1 })];
    const [often, seldom] = [30, 900].map((duration) =>
      run({ tasks, duration: duration * SECOND, timeline: [] }),
    );
    expect(often!.outcome).toBe("finished");
    expect(often!.recording.at.length).toBeGreaterThan(4 * seldom!.recording.at.length);
    expect(often!.fingerprint).toBe(seldom!.fingerprint);
  });
});
