import { describe, expect, it } from "vitest";
import { MIB, SECOND } from "../../../sim/engine/index.ts";
import { simulate, type Verdict } from "../../../sim/index.ts";
import { findSmallestReserve } from "../../../src/experiments/index.ts";
import { memoryTask, plain, smallScenario } from "../../support/scenarios.ts";

const MACHINE = { usualPages: 128, memoryPages: 4096 };

/** A machine that needs so many pages. */
const needs = (least: number, otherwise: Verdict) => (pages: number) =>
  Promise.resolve<Verdict>(pages >= least ? "inconclusive" : otherwise);

describe("the smallest reserve", () => {
  it.each([0, 1, 5, 127, 128, 129, 700])("is found if it is %d pages", async (least) => {
    const found = await findSmallestReserve("pinned", MACHINE, needs(least, "deadlocked"));
    expect(found.smallestPages).toBe(least);
    expect(found.tries.length).toBeLessThan(16);
  });

  it("is none if a quarter of memory does not do", async () => {
    const found = await findSmallestReserve("pinned", MACHINE, needs(2000, "out-of-memory"));
    expect(found).toMatchObject({
      smallestPages: null,
      tries: expect.arrayContaining([{ pages: 1024, verdict: "out-of-memory" }]),
    });
  });

  it("is a few pages for zram, which needs a page before it can free several, and none for a disk", async () => {
    const run = (model: string) => async (pages: number) => {
      const base = smallScenario();
      const hogs = ["a", "b"].map((name) => memoryTask(2500, { name, cpu: 500 }));
      const { verdict } = simulate(
        {
          ...base,
          machine: { ...base.machine, memory: 16 * MIB, minFree: pages * 4096 },
          storage: [{ name: "vdb", model, size: 256 * MIB }],
          tasks: hogs,
          timeline: [],
          filesystem: undefined,
          swap: [{ target: { kind: "device", device: "vdb" }, headerPages: undefined, priority: undefined }],
          duration: SECOND / 2,
        },
        { ...plain("partition"), options: { device: "vdb" } },
        { maps: false },
      );
      return verdict;
    };
    const machine = { usualPages: 8, memoryPages: 4096 };
    const [zram, disk] = [
      await findSmallestReserve("zram", machine, run("zram")),
      await findSmallestReserve("disk", machine, run("nvme-consumer")),
    ];
    expect(zram.smallestPages).toBeGreaterThan(0);
    expect(zram.smallestPages).toBeLessThan(8);
    expect(disk.smallestPages).toBe(0);
  });
});
