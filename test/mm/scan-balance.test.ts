import { describe, expect, it } from "vitest";
import { RecentReclaim, rotationWeights } from "../../sim/mm/policies/classic/recent-reclaim.ts";
import {
  inactiveIsLow,
  inactiveRatio,
  scanBalance,
  scanWeights,
} from "../../sim/mm/policies/classic/scan-balance.ts";
import { packShadow, refaultDistance, wasWorkingset } from "../../sim/mm/policies/classic/workingset.ts";

describe("the weights of anon and file", () => {
  it.each([
    { anonCost: 0, fileCost: 0, swappiness: 60, isGroup: false, anon: 60, file: 140 },
    { anonCost: 0, fileCost: 0, swappiness: 100, anon: 100, file: 100 },
    { anonCost: 100, fileCost: 0, swappiness: 60, anon: 89, file: 417 },
    { anonCost: 0, fileCost: 100, swappiness: 60, anon: 178, file: 209 },
    { anonCost: 1000, fileCost: 0, swappiness: 180, anon: 269, file: 59 },
    { anonCost: 0, fileCost: 1000, swappiness: 200, anon: 599, file: 0 },
    { anonCost: 500, fileCost: 500, swappiness: 1, anon: 1, file: 397 },
  ])("at cost $anonCost/$fileCost and swappiness $swappiness are $anon to $file", (row) => {
    expect(scanWeights(row.anonCost, row.fileCost, row.swappiness)).toEqual({
      anon: row.anon,
      file: row.file,
    });
  });
});

describe("until 5.8 the weights", () => {
  const recent = (scanned: number, rotated: number): RecentReclaim => {
    const counted = new RecentReclaim();
    counted.note(scanned, rotated);
    return counted;
  };

  it("follow how many pages of each type were found in use", () => {
    expect(rotationWeights(recent(0, 0), recent(0, 0), 60)).toEqual({ anon: 60, file: 140 });
    expect(rotationWeights(recent(99, 99), recent(99, 9), 60)).toEqual({ anon: 60, file: 1400 });
    expect(rotationWeights(recent(99, 0), recent(99, 99), 60)).toEqual({ anon: 6000, file: 140 });
  });

  it("forget by halves once a quarter of the lists was looked at", () => {
    const counted = recent(101, 51);
    counted.age(404);
    expect([counted.scanned, counted.rotated]).toEqual([101, 51]);
    counted.age(403);
    expect([counted.scanned, counted.rotated]).toEqual([50, 25]);
  });
});

describe("the inactive list", () => {
  it.each([
    [0.9, 1],
    [1, 3],
    [2, 4],
    [4, 6],
    [10, 10],
    [16, 12],
    [32, 17],
    [64, 25],
    [1024, 101],
  ])("of %s GiB may be shorter by the factor %s", (gib, ratio) => {
    expect(inactiveRatio(Math.floor(gib * 262_144))).toBe(ratio);
  });

  it("is low below, not at, the ratio", () => {
    expect(inactiveIsLow(99, 100)).toBe(true);
    expect(inactiveIsLow(100, 100)).toBe(false);
  });
});

describe("which lists are scanned", () => {
  const usual = {
    swapFree: true,
    swappiness: 60,
    isGroup: false,
    priority: 12,
    fileIsTiny: false,
    cacheTrimMode: false,
  };
  it.each([
    ["file only without free swap", { ...usual, swapFree: false, fileIsTiny: true }, "file"],
    ["both alike at priority 0", { ...usual, priority: 0, fileIsTiny: true }, "equal"],
    [
      "file only for a group with swappiness 0",
      { ...usual, isGroup: true, swappiness: 0, priority: 0 },
      "file",
    ],
    ["by weight at priority 0 with swappiness 0", { ...usual, priority: 0, swappiness: 0 }, "fraction"],
    [
      "anon only when there are next to no file pages",
      { ...usual, fileIsTiny: true, cacheTrimMode: true },
      "anon",
    ],
    ["file only when there is plenty of inactive file", { ...usual, cacheTrimMode: true }, "file"],
    ["by weight otherwise", usual, "fraction"],
  ] as const)("%s", (_name, input, expected) => {
    expect(scanBalance(input)).toBe(expected);
  });
});

describe("a shadow", () => {
  it("is never 0 and keeps age and workingset flag", () => {
    expect(packShadow(0, false)).toBeGreaterThan(0);
    expect(wasWorkingset(packShadow(7, true))).toBe(true);
    expect(wasWorkingset(packShadow(7, false))).toBe(false);
    expect(refaultDistance(packShadow(7, true), 100)).toBe(93);
  });

  it("measures distances across the wrap of the age", () => {
    expect(refaultDistance(packShadow(2 ** 30 - 5, false), 2 ** 30 + 6)).toBe(11);
  });
});
