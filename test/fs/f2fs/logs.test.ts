import { describe, expect, it } from "vitest";
import { BLOCKS_PER_SECTION } from "../../../sim/fs/f2fs/layout.ts";
import { Logs } from "../../../sim/fs/f2fs/logs.ts";
import { Segments } from "../../../sim/fs/f2fs/segments.ts";

const MAIN = 4096;
const STARTS = { hotNode: 0, warmNode: 1, coldNode: 2, hotData: 3, warmData: 8, coldData: 5 };

/** Sixteen sections with their logs. */
function volume(options: { needsReuse?: boolean; victim?: number; fromFront?: boolean } = {}) {
  const segments = new Segments(MAIN, 16);
  const logs = new Logs(segments, {
    needsReuse: () => options.needsReuse ?? false,
    isVictim: (section) => section === options.victim,
    fromFront: options.fromFront ?? false,
  });
  logs.open(STARTS);
  let index = 0;
  const write = (count: number, log: "warmData" | "coldData" | "warmNode" = "warmData"): number[] =>
    Array.from({ length: count }, () => logs.allocate(log, { inode: 1, index: index++, isNode: false }, 1));
  const checkpoint = (): void => segments.capture((section) => logs.holds(section))();
  return { segments, logs, write, checkpoint };
}

const sectionsOf = (places: readonly number[]): number[] => [
  ...new Set(places.map((place) => Math.floor((place - MAIN) / BLOCKS_PER_SECTION))),
];

describe("a log", () => {
  it("goes on block by block, then in the next free section, and round to the first one", () => {
    const { write } = volume();
    const places = write(9 * BLOCKS_PER_SECTION);
    expect(sectionsOf(places)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 4]);
    expect(places.slice(0, 3)).toEqual([0, 1, 2].map((offset) => MAIN + 8 * BLOCKS_PER_SECTION + offset));
  });

  it("of nodes looks for its sections at the front", () => {
    const { write } = volume();
    expect(sectionsOf(write(2 * BLOCKS_PER_SECTION, "warmNode"))).toEqual([1, 4]);
  });

  it("does not come back to what was freed before a checkpoint has let go of it", () => {
    const { segments, write, checkpoint } = volume();
    const old = write(BLOCKS_PER_SECTION);
    checkpoint();
    for (const place of old) segments.invalidate(place);
    expect([segments.isFree(8), segments.isUsable(old[0]!)]).toEqual([false, false]);
    checkpoint();
    expect([segments.isFree(8), segments.isUsable(old[0]!)]).toEqual([true, true]);
    expect(segments.check()).toEqual([]);
  });

  it("fills gaps of used sections when free ones run short, the emptiest first", () => {
    const { segments, write, checkpoint } = volume({ needsReuse: true });
    const places = write(3 * BLOCKS_PER_SECTION);
    // Section 9 keeps three quarters of its blocks, section 10 a half.
    for (const [at, place] of places.entries()) {
      const section = 8 + Math.floor(at / BLOCKS_PER_SECTION);
      if ((section === 9 && at % 4 === 0) || (section === 10 && at % 2 === 0)) segments.invalidate(place);
    }
    checkpoint();
    // The section that the log stands in is filled to its end first.
    expect(sectionsOf(write(BLOCKS_PER_SECTION))).toEqual([11]);
    expect(sectionsOf(write(BLOCKS_PER_SECTION / 2))).toEqual([10]);
    expect(sectionsOf(write(BLOCKS_PER_SECTION / 4))).toEqual([9]);
    expect(segments.check()).toEqual([]);
  });

  it("does not fill the gaps of a section that is being emptied, nor of one of the other kind", () => {
    const { segments, write, checkpoint } = volume({ needsReuse: true, victim: 10 });
    const places = write(3 * BLOCKS_PER_SECTION);
    for (const place of places.slice(BLOCKS_PER_SECTION)) if (place % 2 === 0) segments.invalidate(place);
    checkpoint();
    write(BLOCKS_PER_SECTION);
    expect(sectionsOf(write(BLOCKS_PER_SECTION / 2))).toEqual([9]);
    write(BLOCKS_PER_SECTION, "warmNode");
    expect(sectionsOf(write(BLOCKS_PER_SECTION, "warmNode"))).not.toContain(9);
  });

  it("of a small volume looks for its sections at the front", () => {
    const { write } = volume({ fromFront: true });
    expect(sectionsOf(write(3 * BLOCKS_PER_SECTION))).toEqual([8, 4, 6]);
  });

  it("begins a section of its own when asked to, and stays where it is if it has just begun one", () => {
    const { logs, write } = volume();
    write(1);
    expect(logs.beginSection("warmData")).toBe(true);
    expect(sectionsOf(write(1))).toEqual([9]);
    logs.beginSection("warmData");
    logs.beginSection("warmData");
    expect(sectionsOf(write(1))).toEqual([10]);
  });

  it("says so if there is no free section to begin", () => {
    const { logs, write } = volume();
    write(9 * BLOCKS_PER_SECTION + 1);
    write(BLOCKS_PER_SECTION, "coldData");
    expect(logs.beginSection("warmData")).toBe(false);
  });
});
