import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openStreams } from "../../sim/engine/index.ts";
import { ClusterAllocator } from "../../sim/swap/slots/cluster-allocator.ts";
import { NextFitAllocator } from "../../sim/swap/slots/next-fit-allocator.ts";
import type { SlotAllocator } from "../../sim/swap/slots/slot-allocator.ts";
import { SlotCache } from "../../sim/swap/slots/slot-cache.ts";
import { SLOT_FREE, SwapMap } from "../../sim/swap/slots/swap-map.ts";

const random = () => openStreams("slots").named("test");

function area(slots: number, kind: "ssd" | "hdd") {
  const map = new SwapMap(slots);
  const allocator: SlotAllocator =
    kind === "ssd" ? new ClusterAllocator(map, random()) : new NextFitAllocator(map);
  return {
    map,
    take(count: number): number[] {
      const slots: number[] = [];
      while (slots.length < count) {
        if (allocator.take(Math.min(64, count - slots.length), slots) === 0) break;
      }
      return slots;
    },
    release(slot: number): void {
      map.bytes[slot] = SLOT_FREE;
      map.inuse--;
      allocator.released(slot);
    },
  };
}

/** The first slot of each run of 512 taken from a fresh area. */
const firstSlots = (slots: number, clusters: number): number[] => {
  const { take } = area(slots, "ssd");
  return Array.from({ length: clusters }, () => take(512)[0]!);
};

describe("slots of a solid-state area", () => {
  it("come from clusters in the column order of 6.1", () => {
    expect(firstSlots(262_144, 18)).toEqual([
      16384, 32768, 49152, 65536, 81920, 98304, 114688, 131072, 147456, 163840, 180224, 196608, 212992,
      229376, 245760, 512, 16896, 33280,
    ]);
    expect(firstSlots(65_536, 8)).toEqual([16384, 32768, 49152, 512, 16896, 33280, 49664, 1024]);
  });

  it("never include the header, nor cluster 0 while others are free", () => {
    expect(Math.min(...area(2048, "ssd").take(1500))).toBe(512);
    expect(area(2048, "ssd").take(3000)).not.toContain(0);
  });

  it("are all found by the linear scan once no cluster is free", () => {
    const { take, map } = area(2048, "ssd");
    expect(new Set(take(2047)).size).toBe(2047);
    expect(map.inuse).toBe(map.usable);
    expect(take(1)).toEqual([]);
  });

  it("do not fill holes of a cluster that was left behind while a free one exists", () => {
    const swap = area(4096, "ssd");
    const [first] = swap.take(600);
    swap.release(first! + 3);
    expect(swap.take(1)).not.toEqual([first! + 3]);
  });

  it("reuse a cluster that became wholly free after the others of the list", () => {
    const swap = area(2048, "ssd");
    const slots = swap.take(1024);
    for (const slot of slots.slice(0, 512)) swap.release(slot);
    expect(swap.take(512)[0]).toBe(1536);
    expect(swap.take(512)[0]).toBe(slots[0]);
  });
});

describe("slots of a rotational area", () => {
  it("march upward from slot 1", () => {
    expect(area(2001, "hdd").take(700)).toEqual(Array.from({ length: 700 }, (_, index) => index + 1));
  });

  it("leave holes alone while a free run of 512 is left above", () => {
    const swap = area(2001, "hdd");
    swap.take(704);
    for (let slot = 100; slot < 228; slot++) swap.release(slot);
    expect(swap.take(696).slice(0, 3)).toEqual([705, 706, 707]);
  });

  it("fill holes from the lowest once no run of 512 is free", () => {
    const swap = area(600, "hdd");
    swap.take(599);
    for (let slot = 100; slot < 110; slot++) swap.release(slot);
    expect(swap.take(10)).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    expect(swap.take(1)).toEqual([]);
  });
});

describe.each(["ssd", "hdd"] as const)("any %s area", (kind) => {
  it("never hands out a slot twice and finds every free one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1600 }),
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 700 })), { maxLength: 12 }),
        (slots, steps) => {
          const swap = area(slots, kind);
          const held = new Set<number>();
          for (const [takes, count] of steps) {
            if (takes) {
              const taken = swap.take(count);
              for (const slot of taken) expect(held.has(slot) || slot === 0).toBe(false);
              for (const slot of taken) held.add(slot);
            } else {
              for (const slot of [...held].slice(0, count)) {
                held.delete(slot);
                swap.release(slot);
              }
            }
            expect(swap.map.inuse).toBe(held.size);
          }
          swap.take(slots);
          expect(swap.map.inuse).toBe(slots - 1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the slot cache", () => {
  it("switches on above 320 free slots a CPU and off below 128", () => {
    const cache = new SlotCache(1);
    cache.mustDrain(320);
    expect(cache.active).toBe(false);
    cache.mustDrain(321);
    expect(cache.active).toBe(true);
    expect(cache.mustDrain(128)).toBe(false);
    expect(cache.mustDrain(127)).toBe(true);
    expect(cache.active).toBe(false);
  });

  it("lets freed slots become visible at the 65th", () => {
    const cache = new SlotCache(1);
    for (let slot = 0; slot < 64; slot++) expect(cache.keep(slot)).toEqual([]);
    expect(cache.keep(64)).toHaveLength(64);
    expect(cache.held).toBe(1);
  });
});
