import { fail } from "../engine/index.ts";
import type { Witnesses } from "../result.ts";
import type { Scenario, StrategyVariant } from "../scenario.ts";
import { Coverage } from "./coverage.ts";
import { type Execution, execute } from "./execution.ts";
import { END, follow } from "./guide.ts";
import { defaultSearchOptions, type Search, type SearchOptions } from "./search/search.ts";
import { type Violated, violationOf } from "./violated.ts";
import { Visibility } from "./visibility.ts";

/** One schedule in so many is run twice and compared. */
const REPEAT_EVERY = 500;

export interface ExploreOptions extends Partial<SearchOptions> {
  /** Schedules at most. */
  readonly schedules: number;
  /** Asked after every schedule; true ends the exploration. */
  readonly isOver?: (found: Explored) => boolean;
  /** Called with every run. */
  readonly onExecution?: (execution: Execution) => void;
  /** The exploration goes on after the first violation. */
  readonly all?: boolean;
}

/** What an exploration has come to so far. */
export interface Explored {
  schedules: number;
  /** Steps of the machine in all of them. */
  steps: number;
  /** Different states in which schedules ended, up to the order of steps that share nothing. */
  classes: number;
  /** Ordered pairs of steps of two processes on one thing, by kind. */
  pairs: number;
  /** Highest bound whose schedules have all been tried; -1 for none, Infinity for all schedules. */
  bound: number;
  /** Part of the next bound that has been tried, 0 to 1, an estimate; of searches that know. */
  share: number | undefined;
  /** Schedules that ended early, because everything from there on is tried elsewhere. */
  cut: number;
  /** Nothing is left within the bound. */
  complete: boolean;
  /** The first schedule that violates an invariant. */
  violation: FoundViolation | undefined;
  /** The best that any schedule had to show. */
  witnesses: Witnesses | undefined;
  /** Pages that came back from swap in one schedule at most, and steps that answered ok in any. */
  pagesBack: number;
  readonly answeredOk: string[];
  /** New pairs of each thousand schedules. */
  readonly newPairs: number[];
}

export interface FoundViolation extends Violated {
  readonly schedulesToFirst: number;
  readonly execution: Execution;
}

/** Goes through schedules of one machine until one violates an invariant, nothing is left, or the budget is spent. */
export function explore(
  scenario: Scenario,
  variant: StrategyVariant,
  search: Search,
  options: ExploreOptions,
): Explored {
  const settings = { ...defaultSearchOptions, ...options };
  const visibility = settings.reduction ? new Visibility() : undefined;
  let run = search.begin(settings);
  const record = new Record();
  const { explored } = record;
  let guide = run.next();
  for (; guide && explored.schedules < options.schedules; guide = run.next()) {
    const execution = execute(scenario, variant, guide, { visibility, isKnown: record.hasEndedIn });
    if (explored.schedules % REPEAT_EVERY === 0) mustRepeat(scenario, variant, execution);
    // What was left out because nobody could notice may have been noticed; what ends as another run did raced as that did.
    const isNew = execution.ended || !record.hasEndedIn(execution.state);
    if (isNew && visibility?.learn(execution.steps) && search.exhaustive) run = search.begin(settings);
    else run.learn(execution);
    explored.bound = run.bound;
    explored.share = run.share;
    options.onExecution?.(execution);
    record.add(execution);
    if (explored.violation && options.all !== true) return explored;
    if (options.isOver?.(explored)) return explored;
  }
  explored.complete = guide === undefined;
  return explored;
}

/** Counts what an exploration sees. */
class Record {
  readonly explored: Explored = {
    schedules: 0,
    steps: 0,
    classes: 0,
    pairs: 0,
    bound: -1,
    share: undefined,
    cut: 0,
    complete: false,
    violation: undefined,
    witnesses: undefined,
    pagesBack: 0,
    answeredOk: [],
    newPairs: [],
  };
  readonly #coverage = new Coverage();
  readonly #ends = new Set<number>();
  readonly hasEndedIn = (state: number): boolean => this.#ends.has(state);

  add(execution: Execution): void {
    const { explored } = this;
    const thousand = Math.floor(explored.schedules++ / 1000);
    explored.steps += execution.steps.length;
    if (execution.ended) explored.cut++;
    else this.#ends.add(execution.state);
    explored.classes = this.#ends.size;
    const fresh = this.#coverage.add(execution.steps);
    explored.pairs += fresh;
    explored.newPairs[thousand] = (explored.newPairs[thousand] ?? 0) + fresh;
    explored.witnesses = best(explored.witnesses, execution.witnesses);
    explored.pagesBack = Math.max(explored.pagesBack, execution.pagesBack);
    for (const { id, result } of execution.operations) {
      if (result === "ok" && !explored.answeredOk.includes(id)) explored.answeredOk.push(id);
    }
    if (explored.violation) return;
    const violated = violationOf(execution);
    if (violated) explored.violation = { ...violated, schedulesToFirst: explored.schedules, execution };
    else if (execution.checks.length > 0) fail(`a recount disagrees: ${execution.checks[0]}`);
  }
}

/** Something is witnessed if any schedule shows it. */
function best(a: Witnesses | undefined, b: Witnesses): Witnesses {
  if (!a) return b;
  return {
    pagesSwappedOut: Math.max(a.pagesSwappedOut, b.pagesSwappedOut),
    pagesSwappedIn: Math.max(a.pagesSwappedIn, b.pagesSwappedIn),
    pagesReclaimed: Math.max(a.pagesReclaimed, b.pagesReclaimed),
    slotsRelocated: Math.max(a.slotsRelocated, b.slotsRelocated),
    slotsReadBackAfterwards: Math.max(a.slotsReadBackAfterwards, b.slotsReadBackAfterwards),
    reasons: { ...a.reasons, ...b.reasons },
  };
}

/** Anything that decides besides the answers would make a counter-example worthless. */
function mustRepeat(
  scenario: Scenario,
  variant: StrategyVariant,
  { choices, ended, fingerprint }: Execution,
): void {
  const guide = follow(choices, ended ? END : 0);
  if (execute(scenario, variant, guide).fingerprint !== fingerprint)
    fail("the same answers give the same run");
}
