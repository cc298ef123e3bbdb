import { describe, expect, it } from "vitest";
import { exploreDocument, exploreReport, verdictOf } from "../../../src/explore/index.ts";
import { coverageTable } from "../../../src/explore/text-report.ts";
import { exploration, SEEN, searchOutcome, toTheEnd } from "./outcomes.ts";

describe("an exploration that found nothing", () => {
  it("is safe if one search came to its end, and only not violated if none did", () => {
    expect(verdictOf(exploration([toTheEnd, searchOutcome()]))).toBe("safe");
    expect(verdictOf(exploration([searchOutcome()]))).toBe("not violated");
    const cutShort = { ...toTheEnd, explored: { ...toTheEnd.explored, complete: false, bound: 1 } };
    expect(verdictOf(exploration([cutShort]))).toBe("not violated");
  });

  it("says to which bound everything was tried, or that the search was cut short", () => {
    expect(exploreReport(exploration([toTheEnd]))).toContain(
      "pinned: no violation in any schedule with up to 2 preemptions.\n",
    );
    const all = { ...toTheEnd, explored: { ...toTheEnd.explored, bound: Number.POSITIVE_INFINITY } };
    expect(exploreReport(exploration([all]))).toContain("pinned: no violation in any schedule at all.\n");
    expect(exploreReport(exploration([searchOutcome()]))).toContain(
      "pinned: no violation found; the search was not complete.\n",
    );
  });

  it.each([
    ["pagesSwappedOut", "in no schedule a page was swapped out"],
    ["pagesSwappedIn", "in no schedule a page was swapped in"],
    ["slotsRelocated", "in no schedule an operation met a block that held a swapped-out page"],
  ])("is inconclusive without %s, even when all was tried", (witness, why) => {
    const witnesses = { ...SEEN, [witness]: 0 };
    const blind = exploration([{ ...toTheEnd, explored: { ...toTheEnd.explored, witnesses } }]);
    expect(verdictOf(blind)).toBe("inconclusive");
    expect(exploreReport(blind)).toContain(`pinned: inconclusive: ${why}.\n`);
  });

  it("needs no operation that met a block if swap lies in none of a filesystem", () => {
    const witnesses = { ...SEEN, slotsRelocated: 0 };
    const partition = { ...toTheEnd, explored: { ...toTheEnd.explored, witnesses } };
    expect(verdictOf(exploration([partition], { throughFiles: false }))).toBe("safe");
  });

  it.each([
    [{ pagesBack: 3, ok: [] }, "in no schedule 3 pages came back, 2 at most"],
    [{ pagesBack: 1, ok: ["balance", "scrub"] }, "in no schedule scrub answered ok"],
  ])("is held to the witnesses of its bug: %o", (witness, why) => {
    const blind = exploration([toTheEnd], { witness });
    expect(verdictOf(blind)).toBe("inconclusive");
    expect(exploreReport(blind)).toContain(why);
  });

  it("has no violation in its JSON: null, as a reader of any result may ask for it", () => {
    expect(exploreDocument(exploration([toTheEnd]))).toMatchObject({
      complete: true,
      verdict: "safe",
      violation: null,
      searches: [{ bound: 2, schedulesToFirst: null }],
    });
  });
});

/** What the table says that a search has covered. */
const coveredBy = (outcome: ReturnType<typeof searchOutcome>): string | undefined =>
  coverageTable(exploration([outcome]))[1]?.at(-2);

describe("the share of schedules that may still violate", () => {
  const limitOf = (outcome: ReturnType<typeof searchOutcome>): unknown => {
    const { searches } = exploreDocument(exploration([outcome])) as {
      searches: { upperBound95: unknown }[];
    };
    return searches[0]?.upperBound95;
  };

  it("is three in so many that were drawn independently of each other", () => {
    expect(limitOf(searchOutcome())).toBe(0.3);
    expect(limitOf(searchOutcome({ explored: { schedules: 2 } }))).toBe(1);
    expect(coveredBy(searchOutcome())).toBe("at most 0.30 violate (95 %)");
  });

  it("is not told of schedules that follow from each other, nor after a violation, nor after none", () => {
    expect(limitOf(toTheEnd)).toBeNull();
    expect(limitOf(searchOutcome({ search: "coverage", independent: false }))).toBeNull();
    expect(limitOf(searchOutcome({ schedulesToFirst: 4 }))).toBeNull();
    expect(limitOf(searchOutcome({ explored: { schedules: 0 } }))).toBeNull();
    expect(coveredBy(searchOutcome({ independent: false }))).toBe("sampled");
  });
});

describe("the coverage of a search that comes to an end", () => {
  it.each([
    [-1, undefined, "not finished"],
    [-1, 0.375, "about 37 % of bound 0"],
    [1, undefined, "all up to bound 1"],
    [1, 0.999, "all up to bound 1, about 99 % of bound 2"],
    [Number.POSITIVE_INFINITY, undefined, "all"],
  ])("with bound %d reached, and %d of the next one, is told as %s", (bound, share, told) => {
    const outcome = { ...toTheEnd, explored: { ...toTheEnd.explored, bound, share, complete: bound > 1 } };
    expect(coveredBy(outcome)).toBe(told);
  });
});

describe("a search that was told to end", () => {
  it.each([
    [undefined, "-"],
    ["found", "- (another one has)"],
    ["interrupted", "- (interrupted)"],
  ] as const)("because %s is told as %s", (stopped, told) => {
    expect(coverageTable(exploration([searchOutcome({ stopped })]))[1]?.at(-1)).toBe(told);
  });
});
