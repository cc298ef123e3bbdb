import {
  type BugSpec,
  type Execution,
  execute,
  type Invariant,
  type Scenario,
  ScheduleGuide,
  SimulationBug,
  type StrategyResult,
  type StrategyVariant,
  simulate,
  type Violation,
} from "../../sim/index.ts";
import { type Judged, judgeExpectations } from "../experiments/index.ts";
import { nearest } from "../scenario/index.ts";
import { brokenPromise, chainOfHarm, type Seen } from "./evidence.ts";

/** What one machine showed, whoever decided the order of its steps. */
export interface Shown {
  readonly verdict: string;
  readonly reason: string;
  readonly fingerprint: string;
  readonly pagesBack: number;
  /** What showed that a promise was broken; undefined if it was kept. */
  broken(invariant: Invariant): string | undefined;
  /** How the bytes that showed one of these promises broken came to harm, oldest event first. */
  chainOfHarm(invariants: readonly Invariant[]): Violation["because"];
  /** What a step of the timeline answered. */
  answerOf(id: string): string;
  /** What the file expects of the run and did not get, in sentences. */
  readonly unmet: readonly string[];
}

/** A run in simulated time, with all of its result. */
export interface TimedRun extends Shown {
  readonly result: StrategyResult;
}

/** A run in the order of a schedule, with its choices. */
export interface ScheduledRun extends Shown {
  readonly choices: readonly number[];
}

/** Runs a machine in simulated time; `maps` keeps pictures of the disk. */
export function runTimed(scenario: Scenario, variant: StrategyVariant, maps: boolean): TimedRun {
  const result = simulate(scenario, variant, { maps });
  mustBeSound(result.checks);
  const { fingerprint, witnesses } = result;
  return {
    ...shownBy(scenario, result),
    result,
    fingerprint,
    pagesBack: witnesses.pagesSwappedIn,
    unmet: unmetBy(scenario, result),
  };
}

function shownBy(
  scenario: Scenario,
  seen: Seen,
): Pick<Shown, "verdict" | "reason" | "broken" | "chainOfHarm" | "answerOf"> {
  const { verdict, reason, operations } = seen;
  return {
    verdict,
    reason,
    broken: (invariant) => brokenPromise(invariant, seen, scenario),
    chainOfHarm: (invariants) => chainOfHarm(invariants, seen),
    answerOf: (id) => operations.find((operation) => operation.id === id)?.result ?? "nothing",
  };
}

function unmetBy(scenario: Scenario, judged: Judged): readonly string[] {
  return judgeExpectations(scenario, [judged])
    .filter(({ held }) => !held)
    .map(({ what, got }) => `expected ${what}, got ${got}`);
}

/**
 * Runs a machine in the order of the file's schedule. `strictly`: every line must be followed; with the fix on, whoever it
 * stops cannot go as far as a line says, and the run goes on with the next.
 */
export function runScheduled(
  scenario: Scenario,
  variant: StrategyVariant,
  schedule: NonNullable<BugSpec["schedule"]>,
  strictly: boolean,
): ScheduledRun {
  const guide = new ScheduleGuide(schedule);
  const execution = execute(scenario, variant, guide);
  mustBeSound(execution.checks);
  const { choices, fingerprint, pagesBack } = execution;
  const seen = { ...execution, name: variant.name };
  return {
    ...shownBy(scenario, seen),
    choices,
    fingerprint,
    pagesBack,
    // A run by schedule has no counters: what is expected of one is not met.
    unmet: strictly ? strayed(execution, schedule, guide) : unmetBy(scenario, { ...seen, counters: {} }),
  };
}

/** Where the machine left the schedule, in sentences that say which line and who there is instead. */
function strayed(
  { steps }: Execution,
  schedule: NonNullable<BugSpec["schedule"]>,
  guide: ScheduleGuide,
): readonly string[] {
  guide.finish(steps);
  const { divergence } = guide;
  const names = [...new Set(steps.map(({ name }) => name))];
  const unknown = schedule.flatMap(({ run }, line) => {
    if (names.includes(run)) return [];
    const near = nearest(run, names);
    const hint = near === undefined ? `; there are ${names.join(", ")}` : `; did you mean "${near}"?`;
    return [`line ${line + 1} of the schedule: nobody called "${run}" takes a step${hint}`];
  });
  if (unknown.length > 0 || !divergence) return unknown;
  return [`line ${divergence.line + 1} of the schedule: ${divergence.why}`];
}

/** A result whose recount found a broken invariant of ours is no result. */
function mustBeSound([broken]: readonly string[]): void {
  if (broken !== undefined) throw new SimulationBug(`a recount after the run disagrees: ${broken}`);
}
