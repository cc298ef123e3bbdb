import { describe, expect, it } from "vitest";
import { GIB, MIB, type ParameterValues, SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import { listed } from "./support/memory-machine.ts";
import { memoryTask, smallScenario } from "./support/scenarios.ts";

const PAGES = 6000;

/** Pages written once in order and read twice in order, on 8 MiB of memory: what goes out and comes in a second. */
function speed(model: string, strategy: string, options: ParameterValues = {}) {
  const run = (rounds: number) => {
    const pages = Array.from({ length: PAGES * rounds }, (_, index) => index % PAGES);
    const accesses = pages.map((page, index) => page * 2 + (index < PAGES ? 1 : 0));
    const base = smallScenario();
    const result = simulate(
      {
        ...base,
        machine: { ...base.machine, memory: 8 * MIB },
        storage: [
          { name: "vda", model, size: GIB },
          { name: "vdb", model, size: 64 * MIB },
        ],
        filesystem: {
          ...base.filesystem!,
          files: [{ path: "/swapfile", size: 64 * MIB, nocow: true, preallocated: false, extents: 1 }],
        },
        tasks: [memoryTask(PAGES, { init: false, repeat: 1, cpu: 500, open: listed(PAGES, accesses) })],
        duration: 600 * SECOND,
        timeline: [],
      },
      { name: strategy, strategy, options },
      { maps: false },
    );
    return { ...result, seconds: result.simulatedNs / SECOND };
  };
  const [once, thrice] = [run(1), run(3)];
  const pagesIn = thrice.counters["pswpin"]! - once.counters["pswpin"]!;
  return {
    out: once.counters["pswpout"]! / once.seconds,
    in: pagesIn / (thrice.seconds - once.seconds),
    extra: (thrice.space?.extraPeak ?? 0) / MIB,
  };
}

const ERA_2014 = { era: "2014" };

describe("what the ways to the disk cost", () => {
  const partition = speed("ssd-sata", "partition", { device: "vdb" });
  const bmap = speed("ssd-sata", "bmap");
  const v2 = speed("ssd-sata", "direct-io", ERA_2014);
  const v1 = speed("ssd-sata", "readpage");
  const batches = speed("ssd-sata", "swap-rw");

  it("one page at a time on an SSD is 10 to 15 thousand page-outs a second for each of two reclaimers", () => {
    expect(v2.out).toBeGreaterThan(20_000);
    expect(v2.out).toBeLessThan(30_000);
    expect(partition.out).toBeGreaterThan(80_000);
    expect(partition.out).toBeLessThan(130_000);
  });

  it("a window of eight pages costs v2 eight turns of the device, and v1 about one", () => {
    expect(v1.in / v2.in).toBeGreaterThan(2);
    expect(partition.in / v2.in).toBeGreaterThan(4);
    expect(partition.in / v2.in).toBeLessThan(8);
  });

  it("a block list costs nothing beside a partition, and swap_rw little", () => {
    expect(bmap.out / partition.out).toBeGreaterThan(0.9);
    expect(batches.out / partition.out).toBeGreaterThan(0.75);
    expect(batches.in / partition.in).toBeGreaterThan(0.75);
  });

  it("on a hard disk the serial window is hundreds of pages a second, not thousands", () => {
    expect(speed("hdd-7200", "direct-io", ERA_2014).in).toBeLessThan(1000);
    expect(speed("hdd-7200", "swap-rw").in).toBeGreaterThan(5000);
  });

  /** A copy-on-write swap file of 24 MiB on a disk with so much space left, and a second of swapping or more. */
  function nearlyFull(left: number, duration = SECOND) {
    const base = smallScenario();
    const file = (path: string, size: number) => ({
      path,
      size,
      nocow: false,
      preallocated: false,
      extents: 1,
    });
    const room = 443.875 * MIB;
    return simulate(
      {
        ...base,
        filesystem: {
          ...base.filesystem!,
          files: [file("/swapfile", 24 * MIB), file("/db", room - 24 * MIB - left)],
        },
        tasks: [memoryTask(4000, { cpu: 5000 })],
        timeline: [],
        duration,
      },
      { name: "cow", strategy: "direct-io", options: { file: "cow" } },
    );
  }

  it("a copy-on-write file on a nearly full disk writes on, by commits long before the next one is due", () => {
    const { verdict, counters, space } = nearlyFull(40 * MIB, 2 * SECOND);
    expect(verdict).not.toBe("out-of-memory");
    expect(counters["pswpout"]! * 4096).toBeGreaterThan(1.5 * 40 * MIB);
    expect(space?.extraPeak).toBeLessThan(44 * MIB);
  });

  it("and on a full one every page-out fails, until a task is killed with slots to spare", () => {
    const { verdict, counters, recording } = nearlyFull(0);
    expect(verdict).toBe("out-of-memory");
    expect(counters["nr_vmscan_write"]).toBeGreaterThan(100);
    expect(Math.max(...recording.gauges.swapUsedPages)).toBeLessThan((24 * MIB) / 4096 / 2);
  });

  it("a copy-on-write file takes new space for every page, and takes longer", () => {
    const cow = speed("ssd-sata", "direct-io", { file: "cow" });
    const nocow = speed("ssd-sata", "direct-io");
    expect([nocow.extra < 1, cow.extra > 15]).toEqual([true, true]);
    expect(cow.out / nocow.out).toBeLessThan(0.95);
  });
});
