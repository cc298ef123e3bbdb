import {
  type BugSpec,
  type Scenario,
  type StrategyResult,
  type StrategyVariant,
  tell,
} from "../../sim/index.ts";
import { documentOf, judgeExpectations, type ResultDocument } from "../experiments/index.ts";
import { hashOfText, interleavingText, writeReplayLine } from "../explore/index.ts";
import { formatMany } from "../report/index.ts";
import { withFix } from "../scenario/index.ts";
import type { BugRace, BugRun, BugVariant, Witness } from "./bug.ts";
import { runScheduled, runTimed, type ScheduledRun, type Shown, type TimedRun } from "./shown.ts";

/** A bug under one strategy. */
export interface BugJob {
  readonly file: string;
  readonly text: string;
  readonly scenario: Scenario;
  readonly bug: BugSpec;
  readonly variant: StrategyVariant;
  readonly forReport: boolean;
}

/** Verdicts that a fix must not end with, unless the file asks for them. */
const ALARMING: readonly string[] = ["corrupt", "deadlocked", "out-of-memory", "refused"];

/** A bug that simulated time shows. */
export function timedPair(job: BugJob): Pair {
  const { scenario, variant, forReport } = job;
  const run = (fix: "off" | "on") => runTimed(withFix(scenario, fix), variant, forReport);
  const runs = { off: run("off"), on: run("on") };
  return new Pair(job, runs, forReport ? { report: sideBySide(job, runs) } : {});
}

/** A bug that only an order of steps shows: with the fix on the same order is tried as far as the machine goes along. */
export function scheduledPair(job: BugJob, schedule: NonNullable<BugSpec["schedule"]>): Pair {
  const { scenario, variant } = job;
  const off = runScheduled(withFix(scenario, "off"), variant, schedule, true);
  const on = runScheduled(withFix(scenario, "on"), variant, schedule, false);
  return new Pair(job, { off, on }, { race: raceOf(job, { off, on }) });
}

/** Both runs as `compare` would show two strategies; what the file expects is said of the one with the fix. */
function sideBySide(
  { scenario, variant }: BugJob,
  { off, on }: { readonly off: TimedRun; readonly on: TimedRun },
): ResultDocument {
  const named = (fix: string, result: StrategyResult): StrategyResult => ({
    ...result,
    name: `${variant.name}, fix ${fix}`,
  });
  return documentOf(
    {
      scenario,
      results: [named("off", off.result), named("on", on.result)],
      expectations: judgeExpectations(scenario, [on.result]),
      exitStatus: 0,
      timing: { seconds: 0, strategies: [] },
    },
    "compare",
  );
}

function raceOf(
  { file, text, scenario, variant }: BugJob,
  { off, on }: { readonly off: ScheduledRun; readonly on: ScheduledRun },
): BugRace {
  const replay = ({ choices }: ScheduledRun, broken: boolean): string =>
    writeReplayLine({
      scenario: file,
      hash: hashOfText(text),
      strategy: variant.name,
      toggles: { on: [], off: [], broken },
      without: [],
      choices,
    });
  return {
    interleaving: interleavingText(tell(withFix(scenario, "off"), variant, off.choices).rows),
    replay: { off: replay(off, true), on: replay(on, false) },
  };
}

/** The same machine twice, without and with the fix. */
export class Pair {
  readonly #scenario: Scenario;
  readonly #bug: BugSpec;
  readonly #strategy: string;
  readonly #off: Shown;
  readonly #on: Shown;
  /** What tells more of the two runs than how they ended. */
  readonly #details: Pick<BugVariant, "report" | "race">;

  constructor(
    { scenario, bug, variant }: BugJob,
    { off, on }: { readonly off: Shown; readonly on: Shown },
    details: Pick<BugVariant, "report" | "race">,
  ) {
    this.#scenario = scenario;
    this.#bug = bug;
    this.#strategy = variant.name;
    this.#off = off;
    this.#on = on;
    this.#details = details;
  }

  outcome(): BugVariant {
    return {
      strategy: this.#strategy,
      off: this.#run(this.#off),
      on: this.#run(this.#on),
      because: this.#off.chainOfHarm(this.#bug.invariants),
      ...this.#details,
    };
  }

  failures(): readonly string[] {
    const offFailures = this.#offFailures();
    const { fingerprint } = this.#on;
    const isInert = fingerprint === this.#off.fingerprint;
    const inert = `the toggle is inert: both runs have the fingerprint ${fingerprint}`;
    return [...(isInert ? [inert] : []), ...offFailures, ...this.#onFailures()].map(
      (failure) => `${this.#strategy}: ${failure}`,
    );
  }

  #offFailures(): readonly string[] {
    const { verdict, reason } = this.#off;
    const kept = this.#bug.invariants
      .filter((invariant) => this.#off.broken(invariant) === undefined)
      .map((invariant) => `${invariant} holds (${verdict}: ${reason})`);
    return [...this.#unmetOf(this.#off), ...kept].map((failure) => `with the fix off ${failure}`);
  }

  /** What the file expects is said of the machine with the fix; without it only a schedule must be followed. */
  #unmetOf(shown: Shown): readonly string[] {
    return shown === this.#on || this.#bug.schedule ? shown.unmet : [];
  }

  #onFailures(): readonly string[] {
    const { verdict, reason } = this.#on;
    const broken = this.#bug.invariants.flatMap((invariant) => {
      const what = this.#on.broken(invariant);
      return what === undefined ? [] : [`breaks ${invariant}: ${what}`];
    });
    const isAlarm = ALARMING.includes(verdict) && this.#scenario.expect[this.#strategy] !== verdict;
    return [
      ...broken,
      ...(isAlarm ? [`ends ${verdict}: ${reason}`] : []),
      ...this.#unmetOf(this.#on),
      ...this.#witnesses(this.#on)
        .filter(({ seen }) => !seen)
        .map(({ what }) => `lacks the witness: ${what}`),
    ].map((failure) => `with the fix on ${failure}`);
  }

  #run(shown: Shown): BugRun {
    const found = this.#bug.invariants.map((invariant) => shown.broken(invariant));
    return {
      verdict: shown.verdict,
      violated: found.every((what) => what !== undefined),
      what: found.filter((what) => what !== undefined).join("; ") || shown.reason,
      witnesses: this.#witnesses(shown),
      fingerprint: shown.fingerprint,
    };
  }

  #witnesses(shown: Shown): readonly Witness[] {
    const { pagesBack, ok } = this.#bug.witness;
    const back = formatMany(shown.pagesBack, "page");
    return [
      ...(pagesBack === 0 ? [] : [{ what: `${back} came back`, seen: shown.pagesBack >= pagesBack }]),
      ...ok.map((id) => ({ what: `${id} ${shown.answerOf(id)}`, seen: shown.answerOf(id) === "ok" })),
    ];
  }
}
