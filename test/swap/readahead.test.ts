import { describe, expect, it } from "vitest";
import { clusterRange, windowSize } from "../../sim/swap/index.ts";

/** Faults as [offset, hits since the last one] from a fresh state; returns the windows. */
function windows(
  pageCluster: number,
  faults: readonly (readonly [offset: number, hits: number])[],
): number[] {
  let previous = -1;
  let previousWindow = 0;
  return faults.map(([offset, hits]) => {
    const pages = windowSize({ previous, offset, hits, max: 2 ** pageCluster, previousWindow });
    if (hits === 0) previous = offset;
    previousWindow = pages;
    return pages;
  });
}

describe("the readahead window", () => {
  it("is one page for offsets that are not neighbours", () => {
    expect(
      windows(3, [
        [5, 0],
        [50, 0],
        [500, 0],
        [5000, 0],
      ]),
    ).toEqual([1, 1, 1, 1]);
  });

  it("sees a neighbour on either side", () => {
    expect(
      windows(3, [
        [10, 0],
        [9, 0],
      ]),
    ).toEqual([1, 2]);
    expect(
      windows(3, [
        [10, 0],
        [12, 0],
      ]),
    ).toEqual([1, 1]);
  });

  it("never exceeds two to the page cluster", () => {
    expect(windows(1, [[10, 9]])).toEqual([2]);
    expect(windows(5, [[10, 30]])).toEqual([32]);
    expect(windows(5, [[10, 31]])).toEqual([32]);
  });
});

describe("the range of a window", () => {
  it.each([
    { slot: 13, pages: 8, slots: 100, first: 8, last: 15 },
    { slot: 3, pages: 8, slots: 100, first: 1, last: 7 },
    { slot: 13, pages: 8, slots: 14, first: 8, last: 13 },
    { slot: 16, pages: 8, slots: 100, first: 16, last: 23 },
  ])(
    "around slot $slot with $pages pages of $slots is $first to $last",
    ({ slot, pages, slots, first, last }) => {
      expect(clusterRange(slot, pages, slots)).toEqual({ first, last });
    },
  );
});
