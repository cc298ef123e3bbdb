import type { Witnesses } from "../../../sim/index.ts";
import type { Exploration, SearchOutcome } from "../../../src/explore/index.ts";

/** Swap was used, and an operation met its blocks. */
export const SEEN: Witnesses = {
  pagesSwappedOut: 1,
  pagesSwappedIn: 1,
  pagesReclaimed: 1,
  slotsRelocated: 1,
  slotsReadBackAfterwards: 1,
  reasons: { moved: 1 },
};

/** Ten schedules of a search that draws them independently and found nothing, but for what is given. */
export function searchOutcome(
  parts: Partial<Omit<SearchOutcome, "explored">> & { explored?: Partial<SearchOutcome["explored"]> } = {},
): SearchOutcome {
  return {
    search: "random",
    exhaustive: false,
    independent: true,
    schedulesToFirst: undefined,
    stopped: undefined,
    counterExample: undefined,
    timing: { searchMs: 500, shrinkMs: 0 },
    ...parts,
    explored: {
      schedules: 10,
      steps: 100,
      classes: 4,
      pairs: 7,
      bound: -1,
      share: undefined,
      cut: 0,
      complete: false,
      witnesses: SEEN,
      pagesBack: 2,
      answeredOk: ["balance"],
      newPairs: [7],
      ...parts.explored,
    },
  };
}

/** All schedules with two preemptions, tried to the end. */
export const toTheEnd: SearchOutcome = searchOutcome({
  search: "bounded",
  exhaustive: true,
  independent: false,
  explored: { bound: 2, complete: true },
});

/** What came of these searches of one strategy whose swap lies in a file. */
export function exploration(
  searches: readonly SearchOutcome[],
  parts: Partial<Exploration> = {},
): Exploration {
  return {
    scenario: "s.yaml",
    strategy: "pinned",
    toggles: { on: [], off: [], broken: false },
    seed: "1",
    bound: 2,
    throughFiles: true,
    searches,
    ...parts,
  };
}
