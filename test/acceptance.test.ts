import { describe, expect, it } from "vitest";
import { Engine, SECOND } from "../sim/engine/index.ts";
import { INSERT_BYTES, UPDATE_BYTES } from "../sim/fs/btrfs/block-rsv.ts";
import { kernelProfiles } from "../sim/mm/index.ts";
import { Psi } from "../sim/mm/psi.ts";
import { oomBadness } from "../sim/mm/reclaim/oom.ts";
import { ClusterReadahead, clusterRange, type SwapArea, SwapSpace, VmaReadahead } from "../sim/swap/index.ts";
import { scanBlocks } from "../sim/swap/scan-blocks.ts";
import { SwapArea as Area } from "../sim/swap/swap-area.ts";
import { SwapExtents } from "../sim/swap/swap-extents.ts";
import {
  listed,
  MemoryMachine,
  type MemoryMachineOptions,
  MemoryTransport,
} from "./support/memory-machine.ts";

/** Pages 0 .. count - 1 in order, written (1) or read (0). */
const inOrder = (count: number, write: 0 | 1): number[] =>
  Array.from({ length: count }, (_, page) => page * 2 + write);

/** All pages written once, then read in order again and again; counters of the fill and of the last round. */
function rounds(pages: number, options: Partial<MemoryMachineOptions>, count = 6) {
  const machine = new MemoryMachine({ frames: 1000, slots: 4001, ...options });
  const accesses = [...inOrder(pages, 1), ...Array.from({ length: count }, () => inOrder(pages, 0)).flat()];
  let position = 0;
  const marks: { pswpin: number; pswpout: number; pgmajfault: number; pgsteal: number; pgscan: number }[] =
    [];
  const { vm } = machine.mm;
  const note = (): void => {
    const { pswpin, pswpout, pgmajfault, pgsteal_anon: pgsteal, pgscan_anon: pgscan } = vm;
    marks.push({ pswpin, pswpout, pgmajfault, pgsteal, pgscan });
  };
  machine.task("reader", () => ({
    pages,
    fill(batch) {
      if (position > 0 && position % pages === 0) note();
      const length = Math.min(batch.length, pages - (position % pages), accesses.length - position);
      for (let index = 0; index < length; index++) batch[index] = accesses[position + index]!;
      position += length;
      return length;
    },
  }));
  machine.run(100 * SECOND);
  const [fill] = marks;
  const [before, after] = marks.slice(-2);
  const last = {
    pswpin: after!.pswpin - before!.pswpin,
    pswpout: after!.pswpout - before!.pswpout,
    pgmajfault: after!.pgmajfault - before!.pgmajfault,
  };
  return { fill: fill!, last, machine };
}

describe("acceptance scenarios of the kernel specification", () => {
  it("without swap a task that needs more than there is gets killed, and nothing is swapped out", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 0 });
    machine.task("hog", listed(1200, inOrder(1200, 1)));
    machine.run(SECOND);
    expect(machine.mm.tasks[0]?.death).toBe("oom");
    expect(machine.mm.vm.pswpout).toBe(0);
  });

  it("1500 pages on 1000: what does not fit goes out, two scans a page, and no fault is major", () => {
    const { fill, machine } = rounds(1500, { slots: 2001 }, 1);
    expect(fill.pgmajfault).toBe(0);
    expect(fill.pswpout).toBeGreaterThanOrEqual(500);
    // Up to the high mark, and what is written or on its way when that is reached.
    expect(fill.pswpout).toBeLessThan(500 + machine.mm.marks.high + 4 * 32);
    expect(fill.pgscan).toBeGreaterThanOrEqual(2 * fill.pgsteal);
  });

  it("read in order again and again, with swap to spare: windows of eight, and nothing is written any more", () => {
    const { last } = rounds(1500, {});
    expect(last.pswpin).toBeGreaterThan(1200);
    expect(last.pswpin / last.pgmajfault).toBeGreaterThan(6);
    expect(last.pgmajfault).toBeGreaterThanOrEqual(last.pswpin / 8 - 1);
    expect(last.pswpout).toBe(0);
  });

  it("the same with swap more than half full writes for ever", () => {
    const { last } = rounds(1500, { slots: 1801 });
    expect(last.pswpout).toBeGreaterThan(500);
  });

  it("the same with pages that are dirty after their read writes as much as it reads", () => {
    const { last } = rounds(1500, { dirties: true });
    expect(last.pswpout / last.pswpin).toBeGreaterThan(0.9);
    expect(last.pswpout / last.pswpin).toBeLessThan(1.1);
  });

  function equalAreas(kernel: string): string {
    const engine = new Engine({ seed: "equal" });
    const space = new SwapSpace(1, kernelProfiles.require(kernel));
    const areas: SwapArea[] = ["a", "b"].map((name) => {
      const transport = new MemoryTransport(engine);
      const base = space.reserveBase(4096);
      return new Area({ name, priority: 5, base, slots: 4096, transport, engine, solidState: true });
    });
    for (const area of areas) space.addArea(area);
    return Array.from({ length: 256 }, () => space.areaOf(space.allocate()).name).join("");
  }

  it("pages of zeroes are not written since 6.12, and come back in major faults without being read", () => {
    const zeroes = (kernel: string) => {
      const machine = new MemoryMachine({ frames: 1000, slots: 4001, kernel });
      const accesses = [...inOrder(1500, 1), ...inOrder(1500, 0)];
      machine.task("empty", listed(1500, accesses), { compressedSize: () => 0 });
      const { mm, ledger } = machine.run(100 * SECOND);
      expect([ledger.listed, machine.broken()]).toEqual([[], []]);
      return mm.vm;
    };
    const { swpout_zero, swpin_zero, pswpout, pswpin, pgmajfault } = zeroes("linux-6.18");
    expect([pswpout, pswpin]).toEqual([0, 0]);
    expect(swpout_zero).toBeGreaterThan(500);
    expect(swpin_zero).toBeGreaterThan(500);
    expect(pgmajfault).toBeGreaterThan(50);
    expect(zeroes("linux-6.1")).toMatchObject({ swpout_zero: 0, swpin_zero: 0 });
  });

  it("areas of equal priority take turns, slot by slot in 3.18 and by 64 in 6.1", () => {
    expect(equalAreas("linux-3.18")).toMatch(/^(ab){128}$|^(ba){128}$/);
    expect(equalAreas("linux-6.1").replaceAll(/a{64}/g, "A").replaceAll(/b{64}/g, "B")).toMatch(
      /^(AB){2}$|^(BA){2}$/,
    );
  });

  it("one rotational area switches readahead by address off for all", () => {
    const uses = (solidState: boolean, kernel: string): boolean =>
      new MemoryMachine({ frames: 100, slots: 100, solidState, kernel }).run(SECOND).mm.usesVmaReadahead;
    expect([uses(true, "linux-6.1"), uses(false, "linux-6.1")]).toEqual([true, false]);
    expect(uses(true, "linux-3.18")).toBe(false);
  });
});

describe("kernel profiles", () => {
  it("until 5.8 new pages are active and evicted ones leave no shadow", () => {
    const refaults = (kernel: string): number =>
      rounds(1500, { kernel }, 3).machine.mm.vm.workingset_refault_anon;
    expect([refaults("linux-3.18"), refaults("linux-5.0")]).toEqual([0, 0]);
    expect(refaults("linux-6.18")).toBeGreaterThan(0);
    const active = (kernel: string): number => {
      const machine = new MemoryMachine({ frames: 1000, slots: 100, kernel, faults: ["noLruBatches"] });
      machine.task("small", listed(100, inOrder(100, 1)), { keep: true });
      return machine.run(SECOND).mm.root.lruvec.sizes()["active_anon"]!;
    };
    expect(["linux-3.18", "linux-5.0", "linux-6.1", "linux-6.18"].map(active)).toEqual([100, 100, 0, 0]);
  });

  it("the first area without a priority gets -1 in 3.18 and -2 later", () => {
    const priority = (kernel: string): number => kernelProfiles.require(kernel).firstPriority;
    expect(["linux-3.18", "linux-5.0", "linux-6.1"].map(priority)).toEqual([-1, -2, -2]);
  });

  it("slots that are freed are hidden by the slot cache, where there is one", () => {
    const hidden = (kernel: string): number => {
      const { machine } = rounds(1500, { kernel }, 2);
      const { swap } = machine;
      return swap.total - swap.free - swap.used;
    };
    expect(hidden("linux-3.18")).toBe(0);
    expect(hidden("linux-6.18")).toBe(0);
    expect(hidden("linux-6.1")).toBeGreaterThan(0);
  });
});

describe("numeric oracles of the kernel specification", () => {
  it("windows of readahead, page-cluster 3", () => {
    const readahead = new ClusterReadahead(3, { hits: 0, window: 0 });
    const area = { slots: 10_000 } as SwapArea;
    const steps = [
      [100, 0],
      [101, 0],
      [102, 1],
      [200, 3],
      [300, 7],
      [400, 0],
      [500, 0],
      [600, 0],
    ] as const;
    const sizes = steps.map(([offset, hits]) => {
      for (let hit = 0; hit < hits; hit++) readahead.hit();
      const { first, last } = readahead.window(area, offset);
      return last - first + 1;
    });
    expect(sizes).toEqual([1, 2, 4, 8, 8, 4, 2, 1]);
  });

  it("the range of slots around a fault", () => {
    expect(clusterRange(13, 8, 1000)).toEqual({ first: 8, last: 15 });
    expect(clusterRange(3, 8, 1000)).toEqual({ first: 1, last: 7 });
    expect(clusterRange(13, 8, 14)).toEqual({ first: 8, last: 13 });
  });

  it.each([
    ["ahead of an ascending scan", 99, { first: 100, last: 103 }],
    ["behind a descending one", 101, { first: 97, last: 100 }],
    ["around anything else", 7, { first: 99, last: 102 }],
  ])("C6: the range of addresses %s", (_what, previous, expected) => {
    const readahead = new VmaReadahead();
    readahead.hit(previous, true);
    expect(readahead.window(100, 512, 2)).toEqual(expected);
  });

  /** Extents by first block and pages. */
  function extents(...pieces: readonly (readonly [block: number, count: number])[]): SwapExtents {
    const list = new SwapExtents();
    const device = {} as never;
    for (const [block, count] of pieces) list.add({ slot: list.pages, count, device, block });
    return list;
  }

  it("blocks of 1 KiB make a page where four of them begin at a page of the device; others are passed over", () => {
    const blocks = [7, 8, 9, 10, 11, 12, 13, 14, 15];
    expect([...scanBlocks((block) => blocks[block], blocks.length, 4)]).toEqual([2, 3]);
    const scattered = [8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19];
    expect([...scanBlocks((block) => scattered[block], scattered.length, 4)]).toEqual([3, 4]);
    expect([...scanBlocks((block) => (block === 5 ? undefined : block), 12, 4)]).toEqual([0, "hole"]);
  });

  it("pages are merged with their predecessor only", () => {
    const blocks = [10, 11, 12, 13, 500, 700, 14, 15, 16];
    expect(extents(...blocks.map((block) => [block, 1] as const)).length).toBe(4);
  });

  it("three extents become two, across 1823 pages", () => {
    const list = extents([256, 16], [272, 16], [2048, 32]);
    expect([list.length, list.pages, list.span()]).toEqual([2, 64, 1823]);
    expect(list.extentOf(31).block).toBe(256);
    expect(list.extentOf(32).block).toBe(2048);
  });

  it("metadata set aside for one page, without and with checksums", () => {
    expect([INSERT_BYTES + UPDATE_BYTES, 2 * INSERT_BYTES + UPDATE_BYTES]).toEqual([393_216, 655_360]);
  });

  it("swap is full when less than half of it is free", () => {
    const engine = new Engine({ seed: "full" });
    const space = new SwapSpace(1, kernelProfiles.require("linux-6.18"));
    const transport = new MemoryTransport(engine);
    const base = space.reserveBase(1001);
    space.addArea(
      new Area({ name: "swap", priority: 0, base, slots: 1001, transport, engine, solidState: true }),
    );
    while (space.free > 500) space.allocate();
    expect([space.total, space.isFull]).toEqual([1000, false]);
    space.allocate();
    expect([space.free, space.isFull]).toEqual([499, true]);
  });

  it("what a task weighs for the OOM killer, without an adjustment", () => {
    const task = { rss: 200_000, swapped: 50_000, pages: 500 * 512 } as Parameters<typeof oomBadness>[0];
    expect(oomBadness(task)).toBe(250_500);
  });

  it("pressure of somebody who stalls all the time", () => {
    const engine = new Engine({ seed: "psi" });
    const psi = new Psi(engine);
    psi.enterStall();
    engine.spawn("psi_avgs", psi.averaging());
    engine.run(2 * SECOND);
    expect(psi.some.averages().avg10).toBeCloseTo(18.1, 1);
    engine.run(10 * SECOND);
    expect(psi.some.averages().avg10).toBeCloseTo(63.2, 1);
  });
});
