import type { FixMatrix } from "./fix-matrix.ts";
import type { SearchOutcome, Toggles } from "./job.ts";

/** What an exploration is about. */
export interface ExplorationIdentity {
  readonly scenario: string;
  readonly strategy: string;
  readonly toggles: Toggles;
  readonly seed: string;
  readonly bound: number;
}

/** `safe` is said of all schedules within a bound; a search that did not come to its end has only not found anything. */
export type ExplorationVerdict = "violated" | "safe" | "not violated" | "inconclusive";

/** All searches of one strategy. */
export interface Exploration extends ExplorationIdentity {
  /** What the bug of the scenario says must still work; left out if it is about none. */
  readonly witness?: { readonly pagesBack: number; readonly ok: readonly string[] };
  /** Swap lies in a file, so that moving its blocks is what the exploration is about. */
  readonly throughFiles: boolean;
  readonly searches: readonly SearchOutcome[];
  /** What else was tried once something was found; left out: nothing. */
  readonly matrix?: FixMatrix;
}

/** The search whose counter-example is shown: the smallest one, of the first search that has it. */
export function bestOf({ searches }: Exploration): SearchOutcome | undefined {
  const found = searches.filter(({ counterExample }) => counterExample !== undefined);
  const size = ({ counterExample }: SearchOutcome): number =>
    counterExample!.switchesAfter * 1000 + counterExample!.rows.length;
  return found.toSorted((a, b) => size(a) - size(b))[0];
}

/** A green result needs its witnesses: those that the bug names, or that swap was used and an operation met its blocks. */
export function verdictOf(exploration: Exploration): ExplorationVerdict {
  if (exploration.searches.some(({ schedulesToFirst }) => schedulesToFirst !== undefined)) return "violated";
  if (missingWitness(exploration) !== undefined) return "inconclusive";
  return isComplete(exploration) ? "safe" : "not violated";
}

export function missingWitness({ searches, witness, throughFiles }: Exploration): string | undefined {
  if (witness) return missingOf(witness, searches);
  const any = (name: "pagesSwappedOut" | "pagesSwappedIn" | "slotsRelocated"): boolean =>
    searches.some(({ explored }) => (explored.witnesses?.[name] ?? 0) > 0);
  if (!any("pagesSwappedOut")) return "in no schedule a page was swapped out";
  if (!any("pagesSwappedIn")) return "in no schedule a page was swapped in";
  if (throughFiles && !any("slotsRelocated"))
    return "in no schedule an operation met a block that held a swapped-out page";
  return undefined;
}

function missingOf(
  { pagesBack, ok }: NonNullable<Exploration["witness"]>,
  searches: readonly SearchOutcome[],
): string | undefined {
  const most = Math.max(0, ...searches.map(({ explored }) => explored.pagesBack));
  if (most < pagesBack) return `in no schedule ${pagesBack} pages came back, ${most} at most`;
  const refused = ok.filter((id) => !searches.some(({ explored }) => explored.answeredOk.includes(id)));
  return refused.length === 0 ? undefined : `in no schedule ${refused.join(", ")} answered ok`;
}

/** Everything within the bound has been tried by at least one search. */
export function isComplete({ searches }: Exploration): boolean {
  return searches.some(({ exhaustive, explored }) => exhaustive && explored.complete);
}

/** The JSON of `pagestorm explore`; what depends on the clock stands under `timing`. */
export function exploreDocument(exploration: Exploration): object {
  const best = bestOf(exploration);
  const { searches, matrix, witness: _, throughFiles: __, ...identity } = exploration;
  const sum = (of: (outcome: SearchOutcome) => number): number =>
    searches.reduce((total, outcome) => total + of(outcome), 0);
  const seconds = sum(({ timing }) => timing.searchMs) / 1000;
  return {
    schema: "pagestorm/explore/1",
    ...identity,
    complete: isComplete(exploration),
    verdict: verdictOf(exploration),
    schedules: sum(({ explored }) => explored.schedules),
    steps: sum(({ explored }) => explored.steps),
    witnesses: searches.map(({ search, explored }) => ({ search, ...explored.witnesses })),
    violation: violationDocument(best),
    fixMatrix: matrix ?? null,
    searches: searches.map(searchDocument),
    timing: {
      seconds,
      stepsPerSecondPerCore: seconds > 0 ? Math.round(sum(({ explored }) => explored.steps) / seconds) : 0,
      searches: searches.map(({ search, timing }) => ({ search, ...timing })),
    },
  };
}

function violationDocument(best: SearchOutcome | undefined): object | null {
  const example = best?.counterExample;
  if (!example) return null;
  return {
    invariant: example.invariant,
    what: example.what,
    search: best.search,
    schedulesToFirst: best.schedulesToFirst,
    stepsBefore: example.stepsBefore,
    stepsAfter: example.rows.length,
    switchesAfter: example.switchesAfter,
    provablyShortest: example.provablyShortest,
    replay: example.replay,
    counterExample: example,
  };
}

function searchDocument(outcome: SearchOutcome): object {
  const { search, exhaustive, explored, schedulesToFirst } = outcome;
  return {
    search,
    exhaustive,
    complete: explored.complete,
    bound: Number.isFinite(explored.bound) ? explored.bound : "all",
    shareOfNextBound: explored.share ?? null,
    cutShort: explored.cut,
    stopped: outcome.stopped ?? null,
    schedules: explored.schedules,
    steps: explored.steps,
    classes: explored.classes,
    pairs: explored.pairs,
    newPairsPerThousand: explored.newPairs,
    schedulesToFirst: schedulesToFirst ?? null,
    upperBound95: upperBound95(outcome),
  };
}

/**
 * The rule of three: after n schedules without a violation at most 3 / n of all violate (95 %). It holds only for
 * schedules that are drawn independently of each other; null for a search that does not draw them so.
 */
export function upperBound95({ independent, explored, schedulesToFirst }: SearchOutcome): number | null {
  const isBounded = independent && schedulesToFirst === undefined && explored.schedules > 0;
  return isBounded ? Math.min(1, 3 / explored.schedules) : null;
}
