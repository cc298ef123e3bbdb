import {
  countWorkloads,
  explore,
  type Scenario,
  type StrategyVariant,
  searches,
  type Violated,
  violationOf,
  workloads,
} from "../../sim/index.ts";
import { formatMany } from "../report/format.ts";
import type { Catalogue } from "../scenario/index.ts";
import { type Clock, type ExploreJob, readJob } from "./job.ts";

/** All workloads of a length, each explored a little. */
export interface EnumerationJob extends Omit<ExploreJob, "search" | "schedules"> {
  /** Operations per actor at most. */
  readonly enumerate: number;
  /** Schedules of one workload at most. */
  readonly schedules?: number;
}

/** What came of them. Plain data. */
export interface EnumerationOutcome {
  readonly workloads: number;
  readonly explored: number;
  /** Of those explored, how many were searched to the end of the bound. */
  readonly complete: number;
  readonly schedules: number;
  readonly steps: number;
  readonly violations: readonly ({ readonly workload: string } & Violated)[];
  readonly seconds: number;
}

/** Schedules of one workload if nobody says how many. */
const SCHEDULES_EACH = 200;

/** Searches every workload in order of preemptions. Throws if the file is not right, which was checked before. */
export function runEnumeration(job: EnumerationJob, catalogue: Catalogue, clock: Clock): EnumerationOutcome {
  const read = readJob(job, catalogue);
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  const { scenario, variant } = read;
  const began = clock.now();
  const total = countWorkloads(scenario, job.enumerate);
  const outcome = { workloads: total, explored: 0, complete: 0, schedules: 0, steps: 0 };
  const violations: ({ readonly workload: string } & Violated)[] = [];
  for (const workload of workloads(scenario, job.enumerate)) {
    const found = exploreOne(workload, variant, job);
    outcome.explored++;
    outcome.schedules += found.schedules;
    outcome.steps += found.steps;
    if (found.complete) outcome.complete++;
    const violated = found.violation && violationOf(found.violation.execution);
    if (violated) violations.push({ workload: workload.name, ...violated });
    clock.onProgress?.({ schedules: outcome.schedules, note: `${outcome.explored} of ${total} workloads` });
    const isOver = job.budgetMs !== undefined && clock.now() - began > job.budgetMs;
    if (isOver || clock.stopped?.() !== undefined) break;
  }
  return { ...outcome, violations, seconds: (clock.now() - began) / 1000 };
}

function exploreOne(workload: Scenario, variant: StrategyVariant, job: EnumerationJob) {
  const { options, schedules = SCHEDULES_EACH } = job;
  return explore(workload, variant, searches.require("bounded"), { ...options, schedules });
}

/** For a terminal: how much was covered, and one line for each workload that violates an invariant. */
export function enumerationReport(strategy: string, outcome: EnumerationOutcome): string {
  const { workloads: total, explored, complete, schedules, violations, seconds } = outcome;
  const one = violations.length === 1;
  const violating = `${formatMany(violations.length, "workload")} ${one ? "violates" : "violate"}`;
  const share = total === 0 ? 0 : (100 * explored) / total;
  const lines = violations.map(({ workload, invariant, what }) => `  ${workload}: ${invariant}, ${what}`);
  return [
    `${strategy}: ${explored} of ${total} workloads (${share.toFixed(0)} %), ${complete} of them up to the end of the bound;`,
    `${schedules} schedules in ${seconds.toFixed(1)} s; ${violating} an invariant${lines.length > 0 ? ":" : "."}`,
    ...lines,
    "",
  ].join("\n");
}
