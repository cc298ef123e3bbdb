import { describe, expect, it } from "vitest";
import { ANON, FILE } from "../../../sim/mm/policies/mglru/generations.ts";
import { TierControl, tierOf } from "../../../sim/mm/policies/mglru/tiers.ts";
import { WalkFilter } from "../../../sim/mm/policies/mglru/walk-filter.ts";

/** Evicts so many pages of a type with so many references, of which some come back. */
function history(control: TierControl, type: 0 | 1, refs: number, evicted: number, refaulted: number): void {
  for (let page = 0; page < evicted; page++) control.evicted(type, refs);
  for (let page = 0; page < refaulted; page++) control.refaulted(type, refs);
}

describe("tiers", () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
  ])("a page with %d references is of tier %d", (refs, tier) => {
    expect(tierOf(refs)).toBe(tier);
  });

  it("may all go while hardly anything comes back", () => {
    const control = new TierControl();
    history(control, ANON, 1, 500, 63);
    expect(control.ownTier(ANON)).toBe(3);
  });

  it("are spared from the first on that refaults twice as often as tier 0", () => {
    const control = new TierControl();
    history(control, FILE, 0, 1000, 10);
    history(control, FILE, 1, 200, 100);
    expect(control.ownTier(FILE)).toBe(0);
  });

  it("choose file pages unless those refault more than anonymous ones", () => {
    const file = new TierControl();
    expect(file.typeAndTier(60).type).toBe(FILE);
    const anon = new TierControl();
    history(anon, FILE, 0, 1000, 800);
    history(anon, ANON, 0, 1000, 10);
    expect(anon.typeAndTier(60).type).toBe(ANON);
  });

  it("forget: what was counted for the last generation is worth half in the next", () => {
    const control = new TierControl();
    history(control, FILE, 0, 1000, 10);
    history(control, FILE, 1, 200, 100);
    for (let generation = 0; generation < 3; generation++) control.carryOver(FILE);
    expect(control.ownTier(FILE)).toBe(3);
  });
});

describe("the filter of page tables", () => {
  it("passes everything before its first reset", () => {
    expect(new WalkFilter().passes(3, 7)).toBe(true);
  });

  it("passes what was added since, for sequence numbers of its parity", () => {
    const filter = new WalkFilter();
    filter.reset(4);
    filter.add(4, 7);
    expect([filter.passes(4, 7), filter.passes(4, 8), filter.passes(5, 8), filter.passes(6, 7)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
