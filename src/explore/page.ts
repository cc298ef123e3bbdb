import {
  type Change,
  chances,
  type Film,
  film,
  INVARIANTS,
  type Row,
  type Scenario,
  type StrategyVariant,
  switchesIn,
  switchesOf,
  violationOf,
} from "../../sim/index.ts";
import { formatMany } from "../report/format.ts";
import { type Exploration, type ExplorationVerdict, verdictOf } from "./document.ts";
import { type FixMatrix, matrixTable } from "./fix-matrix.ts";
import type { Toggles } from "./job.ts";
import { staleFact } from "./stale-fact.ts";
import { coverageTable, verdictSentence } from "./text-report.ts";

/** Runs that are tried from each row on to see whether the loss is certain, and in all of a long schedule. */
const CONTINUATIONS = 20;
const CONTINUATIONS_IN_ALL = 600;

/** Everything that the HTML page draws. */
export interface ExplorePage {
  readonly scenario: string;
  readonly strategy: string;
  readonly toggles: Toggles;
  readonly verdict: ExplorationVerdict;
  /** The verdict with its numbers. */
  readonly sentence: string;
  readonly schedule: ScheduleOnPage | undefined;
  readonly coverage: CoverageOnPage | undefined;
  /** What the same search finds with other things broken, as a table. */
  readonly matrix?: { readonly caption: string; readonly rows: readonly (readonly string[])[] };
}

/** One run, to be stepped through. */
export interface ScheduleOnPage {
  /** What came of it, with numbers. */
  readonly outcome: string;
  /** What must hold and does not, in words; undefined if nothing was violated. */
  readonly invariant: string | undefined;
  /** It ended because nobody could go on. */
  readonly stuck: boolean;
  /** How long it is, and how long it was when it was found. */
  readonly size: string;
  readonly rows: readonly Row[];
  readonly steps: readonly StepOnPage[];
  /** What was so before the first step. */
  readonly before: Readonly<Record<string, string>>;
  readonly film: Film;
  /** Share of random continuations that violate an invariant: before the first row, and after each. */
  readonly chances: readonly number[];
  readonly continuations: number;
  readonly stale: string | undefined;
  /** The chain of events that led to the wrong bytes, oldest first. */
  readonly because: readonly string[];
  readonly without: readonly string[];
  /** One line that repeats it. */
  readonly replay: string;
}

export interface StepOnPage {
  readonly name: string;
  /** The kernel functions before which it stood, and stands now. */
  readonly label: string;
  readonly stops: string;
  readonly preempts: boolean;
  /** What came out otherwise than it usually does. */
  readonly chose: readonly string[];
  readonly changes: readonly Change[];
}

export interface CoverageOnPage {
  /** Of all searches together. */
  readonly schedules: number;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** New pairs of each thousand schedules, by search. */
  readonly newPairs: readonly {
    readonly search: string;
    readonly schedules: number;
    readonly counts: readonly number[];
  }[];
}

/** What a page must know of a run that `film` does not. */
interface RunToShow {
  readonly scenario: Scenario;
  readonly variant: StrategyVariant;
  readonly choices: readonly number[];
  readonly without: readonly string[];
  readonly replay: string;
  readonly size?: string;
}

/** The page about an exploration. `scenario` is the one that the counter-example belongs to, without what it does not need. */
export function pageOfExploration(exploration: Exploration, run: RunToShow | undefined): ExplorePage {
  const { scenario, strategy, toggles, searches, matrix } = exploration;
  const schedules = searches.reduce((sum, { explored }) => sum + explored.schedules, 0);
  const [head = [], ...rows] = coverageTable(exploration);
  const schedule = run && scheduleOnPage(run);
  return {
    scenario,
    strategy,
    toggles,
    verdict: verdictOf(exploration),
    sentence: schedule?.outcome ?? verdictSentence(exploration),
    schedule,
    coverage: {
      schedules,
      head,
      rows,
      newPairs: searches.map(({ search, explored }) => ({
        search,
        schedules: explored.schedules,
        counts: explored.newPairs,
      })),
    },
    ...(matrix ? { matrix: { caption: captionOf(matrix), rows: matrixTable(matrix) } } : {}),
  };
}

function captionOf({ search, schedules }: FixMatrix): string {
  return `The same search (${search}) with at most ${schedules} schedules a cell: what is broken, by strategy. If what is violated with a mechanism broken holds without, it is the fix that helps and not luck.`;
}

/** The page about one replay; whether it violates anything is seen here. */
export function pageOfReplay(
  identity: Pick<ExplorePage, "scenario" | "strategy" | "toggles">,
  run: RunToShow,
): ExplorePage {
  const schedule = scheduleOnPage(run);
  const { scenario, strategy, toggles } = identity;
  const verdict = schedule.invariant === undefined ? "not violated" : "violated";
  const sentence = schedule.outcome;
  return { scenario, strategy, toggles, verdict, sentence, schedule, coverage: undefined };
}

function scheduleOnPage({ scenario, variant, choices, without, replay, size }: RunToShow): ScheduleOnPage {
  const { story, film: filmed } = film(scenario, variant, choices);
  const { execution, rows, changes } = story;
  const violated = violationOf(execution);
  const switches = switchesIn(execution.steps);
  const because = execution.violations[0]?.because.map(({ what }) => what) ?? [];
  const continuations = Math.min(CONTINUATIONS, Math.ceil(CONTINUATIONS_IN_ALL / (rows.length + 1)));
  return {
    outcome: violated ? `${violated.invariant}, ${violated.what}.` : `${execution.reason}.`,
    invariant: violated && `${violated.invariant}: ${INVARIANTS[violated.invariant]}`,
    stuck: violated?.invariant === "I5",
    size: `${formatMany(rows.length, "step")} that others can notice, made of ${formatMany(execution.steps.length, "part")}, with ${formatMany(switchesOf(execution), "switch", "switches")}.${size === undefined ? "" : ` ${size}`}`,
    rows,
    steps: execution.steps.map(({ name, label, stops, chose }, at) => {
      return { name, label, stops, preempts: switches[at]!, chose, changes: changes[at]! };
    }),
    before: Object.fromEntries(story.before),
    film: filmed,
    chances: violated ? chances(scenario, variant, story, continuations) : [],
    continuations,
    stale: violated && violated.invariant !== "I5" ? staleFact(rows, because) : undefined,
    because,
    without,
    replay,
  };
}
