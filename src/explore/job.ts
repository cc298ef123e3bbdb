import {
  type Explored,
  explore,
  type Scenario,
  type SearchOptions,
  type StrategyVariant,
  searches,
  shrink,
} from "../../sim/index.ts";
import { type Catalogue, formatProblem, parseScenario, type ReadTrace, withFix } from "../scenario/index.ts";
import { type CounterExampleDocument, describe } from "./counter-example.ts";

/** One search of one variant, as a worker gets it. */
export interface ExploreJob {
  readonly file: string;
  readonly text: string;
  /** Name of the variant, which the file need not list. */
  readonly strategy: string;
  readonly search: string;
  readonly options: Partial<SearchOptions>;
  readonly schedules: number;
  /** Wall-clock time at most, ms; left out: no limit. */
  readonly budgetMs?: number;
  /** The first counter-example ends the other searches. */
  readonly stopsOthers?: boolean;
  /** A counter-example is shrunk and described; false: whether there is one is all that counts. */
  readonly describes?: boolean;
  /** Toggles besides those of the file, and those of the file that are left out. */
  readonly toggles: Toggles;
}

/** What is broken on purpose besides what the file breaks. */
export interface Toggles {
  readonly on: readonly string[];
  readonly off: readonly string[];
  /** The fix of the file's bug is off; otherwise it is on. */
  readonly broken: boolean;
}

/** What one search has come to. Plain data. */
export interface SearchOutcome {
  readonly search: string;
  readonly exhaustive: boolean;
  readonly independent: boolean;
  readonly explored: Omit<Explored, "violation">;
  readonly schedulesToFirst: number | undefined;
  /** Why it was told to end before it had found anything or tried everything. */
  readonly stopped: StopReason | undefined;
  readonly counterExample: CounterExampleDocument | undefined;
  /** Wall-clock time, ms: of the search, which ends with the first violation, and of shrinking. */
  readonly timing: { readonly searchMs: number; readonly shrinkMs: number };
}

/** Another search has found something, or somebody has seen enough. */
export type StopReason = "found" | "interrupted";

/** What a worker needs of the world. */
export interface Clock {
  now(): number;
  /** Why to end now; undefined: go on. */
  stopped?(): StopReason | undefined;
  /** This search has found something: the others may end, if they share a time. */
  found?(): void;
  onProgress?(sofar: { readonly schedules: number; readonly note?: string }): void;
}

/** Accesses without steps that others could come between. */
export const noTraces: ReadTrace = () => ({
  found: "a trace",
  expected: "a script, because each step is explored",
});

/** Wall-clock time between two reports. */
const REPORT_EVERY_MS = 500;

/** The scenario of a job with its one variant, or what is wrong with them. */
export function readJob(
  { file, text, strategy, toggles }: Pick<ExploreJob, "file" | "text" | "strategy" | "toggles">,
  catalogue: Catalogue,
):
  | { readonly scenario: Scenario; readonly variant: StrategyVariant }
  | { readonly problems: readonly string[] } {
  const { scenario, problems } = parseScenario({
    file,
    text,
    catalogue,
    readTrace: noTraces,
    strategies: { names: strategy, option: "--strategy" },
  });
  if (!scenario) return { problems: problems.map((problem) => formatProblem(problem)) };
  const [variant, ...others] = scenario.strategies;
  if (!variant || others.length > 0)
    return { problems: [`--strategy: found ${strategy}, expected one strategy`] };
  const { faults } = withFix(scenario, toggles.broken ? "off" : "on");
  const kept = faults.filter((name) => !toggles.off.includes(name));
  return { scenario: { ...scenario, faults: [...new Set([...kept, ...toggles.on])] }, variant };
}

/** Searches, and makes what it finds as small as it gets. Throws if the file is not right, which was checked before. */
export function runSearch(job: ExploreJob, catalogue: Catalogue, clock: Clock): SearchOutcome {
  const read = readJob(job, catalogue);
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  const { scenario, variant } = read;
  const search = searches.require(job.search);
  const began = clock.now();
  let stopped: StopReason | undefined;
  let reported = began;
  const { violation, ...explored } = explore(scenario, variant, search, {
    ...job.options,
    schedules: job.schedules,
    isOver: (sofar) => {
      const now = clock.now();
      if (now - reported > REPORT_EVERY_MS) {
        reported = now;
        clock.onProgress?.(sofar);
      }
      stopped = clock.stopped?.();
      return stopped !== undefined || (job.budgetMs !== undefined && now - began > job.budgetMs);
    },
  });
  const found = clock.now();
  if (violation && job.stopsOthers) clock.found?.();
  const small =
    violation && job.describes !== false ? shrink(scenario, variant, violation.execution) : undefined;
  const shrunk = clock.now();
  return {
    search: search.name,
    exhaustive: search.exhaustive,
    independent: search.independent,
    explored,
    schedulesToFirst: violation?.schedulesToFirst,
    stopped: violation ? undefined : stopped,
    counterExample: violation && small && describe(job, small, violation.execution, variant),
    timing: { searchMs: found - began, shrinkMs: shrunk - found },
  };
}
