import {
  type BugSpec,
  type Scenario,
  SimulationBug,
  type StrategyResult,
  type StrategyVariant,
  simulate,
} from "../../sim/index.ts";
import { documentOf, judgeExpectations, type ResultDocument } from "../experiments/index.ts";
import { formatCount } from "../report/index.ts";
import { type Catalogue, formatProblem, parseScenario } from "../scenario/index.ts";
import { brokenPromise } from "./evidence.ts";

/** A bug as a worker gets it: the text of a scenario file. */
export interface BugFile {
  readonly file: string;
  readonly text: string;
  /** The outcome has the whole results as well, with maps of the disk. */
  readonly forReport?: boolean;
}

/** Something that must be seen with the fix on, and whether it was. */
export interface Witness {
  readonly what: string;
  readonly seen: boolean;
}

/** One machine with the fix off or on. */
export interface BugRun {
  readonly verdict: string;
  /** Every promise named in the file was broken. */
  readonly violated: boolean;
  /** What showed it, or why nothing did. */
  readonly what: string;
  readonly witnesses: readonly Witness[];
  readonly fingerprint: string;
}

export interface BugVariant {
  readonly strategy: string;
  readonly off: BugRun;
  readonly on: BugRun;
  /** For the report: both runs, side by side. */
  readonly report?: ResultDocument;
}

/** What became of a bug. Plain data. */
export interface BugOutcome {
  readonly file: string;
  /** What the file says about itself; undefined if it could not be read. */
  readonly spec: BugSpec | undefined;
  readonly title: string;
  /** What the file says on top, a paragraph each. */
  readonly told: readonly string[];
  readonly variants: readonly BugVariant[];
  /** Sentences, each one thing that is not as it must be; empty if the bug falls and its fix holds. */
  readonly failures: readonly string[];
}

/** No trace belongs to a bug: it would not be one file any more. */
const noTraces = () => ({ found: "a trace", expected: "a pattern, because a bug is one file" });

/** Verdicts that a fix must not end with, unless the file asks for them. */
const ALARMING: readonly string[] = ["corrupt", "deadlocked", "out-of-memory", "refused"];

/** Reads a bug and runs it with each of its strategies, fix off and on. Throws only if the simulator has a defect. */
export function runBug({ file, text, forReport = false }: BugFile, catalogue: Catalogue): BugOutcome {
  const { scenario, problems } = parseScenario({ file, text, catalogue, readTrace: noTraces });
  if (!scenario) return unreadable(file, problems.map(formatProblem));
  const { bug } = scenario;
  if (!bug) return unreadable(file, [`${file}: found no bug:, expected a scenario that tells of one`]);
  const runs = scenario.strategies.map((variant) => new Pair(scenario, bug, variant, forReport));
  return {
    file,
    spec: bug,
    title: scenario.name,
    told: commentOf(text),
    variants: runs.map((pair) => pair.outcome()),
    failures: runs.flatMap((pair) => pair.failures()),
  };
}

/** A file without an outcome fails; the others still run. */
export function unreadable(file: string, failures: readonly string[]): BugOutcome {
  return { file, spec: undefined, title: file, told: [], variants: [], failures };
}

/** The comment that a file begins with, without the line for editors. */
function commentOf(text: string): readonly string[] {
  const [comment = ""] = /^(#.*\n)*/.exec(text) ?? [];
  const lines = comment.split("\n").map((line) => line.replace(/^# ?/, ""));
  const paragraphs = lines
    .filter((line) => !line.startsWith("yaml-language-server"))
    .join("\n")
    .split(/\n{2,}/);
  return paragraphs.map((paragraph) => paragraph.replaceAll("\n", " ").trim()).filter(Boolean);
}

/** The same machine twice, without and with the fix. */
class Pair {
  readonly #scenario: Scenario;
  readonly #bug: BugSpec;
  readonly #strategy: string;
  readonly #keep: boolean;
  readonly #off: StrategyResult;
  readonly #on: StrategyResult;

  constructor(scenario: Scenario, bug: BugSpec, variant: StrategyVariant, keep: boolean) {
    this.#scenario = scenario;
    this.#bug = bug;
    this.#strategy = variant.name;
    this.#keep = keep;
    const run = (toggles: readonly string[]): StrategyResult =>
      soundly(simulate({ ...scenario, faults: [...scenario.faults, ...toggles] }, variant, { maps: keep }));
    this.#off = run(bug.fix.off);
    this.#on = run(bug.fix.on);
  }

  outcome(): BugVariant {
    return {
      strategy: this.#strategy,
      off: this.#run(this.#off),
      on: this.#run(this.#on),
      ...(this.#keep ? { report: this.#report() } : {}),
    };
  }

  /** Both runs as `compare` would show two strategies; what the file expects is said of the one with the fix. */
  #report(): ResultDocument {
    const named = (fix: string, result: StrategyResult): StrategyResult => ({
      ...result,
      name: `${this.#strategy}, fix ${fix}`,
    });
    return documentOf(
      {
        scenario: this.#scenario,
        results: [named("off", this.#off), named("on", this.#on)],
        expectations: judgeExpectations(this.#scenario, [this.#on]),
        exitStatus: 0,
        timing: { seconds: 0, strategies: [] },
      },
      "compare",
    );
  }

  failures(): readonly string[] {
    const { fingerprint } = this.#on;
    const isInert = fingerprint === this.#off.fingerprint;
    const inert = `the toggle is inert: both runs have the fingerprint ${fingerprint}`;
    return [...(isInert ? [inert] : []), ...this.#offFailures(), ...this.#onFailures()].map(
      (failure) => `${this.#strategy}: ${failure}`,
    );
  }

  #offFailures(): readonly string[] {
    return this.#bug.invariants
      .filter((invariant) => this.#broken(invariant, this.#off) === undefined)
      .map((invariant) => `with the fix off ${invariant} holds (${this.#off.verdict}: ${this.#off.reason})`);
  }

  #onFailures(): readonly string[] {
    const result = this.#on;
    const { verdict, reason } = result;
    const broken = this.#bug.invariants.flatMap((invariant) => {
      const what = this.#broken(invariant, result);
      return what === undefined ? [] : [`breaks ${invariant}: ${what}`];
    });
    const isAlarm = ALARMING.includes(verdict) && this.#scenario.expect[this.#strategy] !== verdict;
    return [
      ...broken,
      ...(isAlarm ? [`ends ${verdict}: ${reason}`] : []),
      ...judgeExpectations(this.#scenario, [result])
        .filter(({ held }) => !held)
        .map(({ what, got }) => `expected ${what}, got ${got}`),
      ...this.#witnesses(result)
        .filter(({ seen }) => !seen)
        .map(({ what }) => `lacks the witness: ${what}`),
    ].map((failure) => `with the fix on ${failure}`);
  }

  #run(result: StrategyResult): BugRun {
    const found = this.#bug.invariants.map((invariant) => this.#broken(invariant, result));
    return {
      verdict: result.verdict,
      violated: found.every((what) => what !== undefined),
      what: found.filter((what) => what !== undefined).join("; ") || result.reason,
      witnesses: this.#witnesses(result),
      fingerprint: result.fingerprint,
    };
  }

  #broken(invariant: BugSpec["invariants"][number], result: StrategyResult): string | undefined {
    return brokenPromise(invariant, result, this.#scenario);
  }

  #witnesses({ witnesses, operations }: StrategyResult): readonly Witness[] {
    const { pagesBack, ok } = this.#bug.witness;
    const back = witnesses.pagesSwappedIn;
    return [
      ...(pagesBack === 0 ? [] : [{ what: `${formatCount(back)} pages came back`, seen: back >= pagesBack }]),
      ...ok.map((id) => {
        const got = operations.find((operation) => operation.id === id)?.result ?? "nothing";
        return { what: `${id} ${got}`, seen: got === "ok" };
      }),
    ];
  }
}

/** A result whose recount found a broken invariant of ours is no result. */
function soundly(result: StrategyResult): StrategyResult {
  const [broken] = result.checks;
  if (broken !== undefined) throw new SimulationBug(`a recount after the run disagrees: ${broken}`);
  return result;
}
