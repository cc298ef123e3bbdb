import { type ConformanceSpec, type Scenario, type StrategyResult, simulate } from "../../sim/index.ts";
import { judgeExpectations } from "../experiments/index.ts";
import { type Catalogue, formatProblem, parseScenario } from "../scenario/index.ts";

/** A case as a worker gets it: the text of a scenario file. */
export interface CaseFile {
  readonly file: string;
  readonly text: string;
}

/** What one step of a case answered under one strategy. */
export interface StepOutcome {
  readonly id: string;
  readonly do: string;
  readonly strategy: string;
  /** Allowed answers; empty if the case says nothing about the step. */
  readonly expected: readonly string[];
  readonly got: string;
  readonly achieved: string;
  /** What the kernel log showed while the step ran. */
  readonly log: readonly string[];
}

/** What became of a case. Plain data. */
export interface CaseOutcome {
  readonly file: string;
  /** What the case says about itself; undefined if the file could not be read as one. */
  readonly spec: ConformanceSpec | undefined;
  readonly name: string;
  /** Sentences, each one thing that is not as demanded; empty if all is well. */
  readonly failures: readonly string[];
  readonly steps: readonly StepOutcome[];
  /** Verdict by strategy. */
  readonly verdicts: Readonly<Record<string, string>>;
}

/** No trace belongs to a case: it would not be one file any more. */
const noTraces = () => ({ found: "a trace", expected: "a pattern, because a case is one file" });

/** Verdicts that a case must ask for, or they are failures. */
const ALARMING: readonly string[] = ["corrupt", "deadlocked", "out-of-memory", "refused"];

/** Reads a case and runs it with each of its strategies. Throws only if the simulator has a defect. */
export function runCase({ file, text }: CaseFile, catalogue: Catalogue): CaseOutcome {
  const { scenario, problems } = parseScenario({ file, text, catalogue, readTrace: noTraces });
  if (!scenario) {
    return unreadable(
      file,
      problems.map((problem) => formatProblem(problem)),
    );
  }
  if (!scenario.conformance) {
    return unreadable(file, [`${file}: found no conformance:, expected a case that names row and source`]);
  }
  const results = scenario.strategies.map((variant) => simulate(scenario, variant, { maps: false }));
  return {
    file,
    spec: scenario.conformance,
    name: scenario.name,
    failures: failuresOf(scenario, results),
    steps: results.flatMap((result) => stepsOf(scenario, result)),
    verdicts: Object.fromEntries(results.map(({ name, verdict }) => [name, verdict])),
  };
}

function unreadable(file: string, failures: readonly string[]): CaseOutcome {
  return { file, spec: undefined, name: file, failures, steps: [], verdicts: {} };
}

function failuresOf(scenario: Scenario, results: readonly StrategyResult[]): readonly string[] {
  const judged = judgeExpectations(scenario, results);
  return [
    ...judged.filter(({ held }) => !held).map(({ what, got }) => `expected ${what}, got ${got}`),
    ...results.flatMap(({ name, checks }) =>
      checks.slice(0, 1).map((broken) => `${name}: a recount disagrees: ${broken}`),
    ),
    ...results
      .filter(({ name, verdict }) => ALARMING.includes(verdict) && scenario.expect[name] === undefined)
      .map(({ name, verdict, reason }) => `${name}: ${verdict}: ${reason}`),
  ];
}

function stepsOf(scenario: Scenario, result: StrategyResult): readonly StepOutcome[] {
  return result.operations.map(({ id, do: name, result: got, achieved, log }) => {
    const step = scenario.timeline.find((candidate) => candidate.id === id);
    const expected = step?.expect[result.name] ?? step?.expect["*"] ?? [];
    return { id, do: name, strategy: result.name, expected, got, achieved, log };
  });
}
