import type { ExpectationResult, Scenario, StrategyResult, TimelineStep } from "../../sim/index.ts";

/** An expectation of the scenario, with what came instead or came indeed. */
export interface JudgedExpectation extends ExpectationResult {
  readonly got: string;
}

/** Verdicts that nobody wants to see without having asked for them. */
const ALARMING: readonly string[] = ["corrupt", "deadlocked", "out-of-memory"];

/** Holds the results against what the scenario expects of them; variants that did not run are passed over. */
export function judgeExpectations(
  scenario: Scenario,
  results: readonly StrategyResult[],
): readonly JudgedExpectation[] {
  return results.flatMap((result) => [
    ...judgeVerdict(scenario, result),
    ...judgeSteps(scenario, result),
    ...judgeLogs(scenario, result),
    ...judgeCounters(scenario, result),
  ]);
}

/** What is expected of the verdict of one variant. */
function judgeVerdict(scenario: Scenario, { name, verdict }: StrategyResult): readonly JudgedExpectation[] {
  const expected = scenario.expect[name];
  if (expected === undefined) return [];
  return [{ what: `${name}: ${expected}`, held: verdict === expected, got: verdict }];
}

/** What is expected of the steps of one variant. A step that never began has not answered. */
function judgeSteps(scenario: Scenario, result: StrategyResult): readonly JudgedExpectation[] {
  return scenario.timeline.flatMap((step) => {
    const answers = expectedAnswers(step, result.name);
    if (answers.length === 0) return [];
    const got = result.operations.find(({ id }) => id === step.id)?.result ?? "nothing";
    return [
      {
        what: `${result.name}: ${step.id} answers ${answers.join(" or ")}`,
        held: answers.includes(got),
        got,
      },
    ];
  });
}

/** What counters must have come to. One that does not exist is not held. */
function judgeCounters({ counters }: Scenario, result: StrategyResult): readonly JudgedExpectation[] {
  return Object.entries(counters ?? {}).map(([name, { atLeast, atMost }]) => {
    const value = result.counters[name];
    const range = atMost === Number.POSITIVE_INFINITY ? `at least ${atLeast}` : `${atLeast} to ${atMost}`;
    return {
      what: `${result.name}: ${name} of ${range}`,
      held: value !== undefined && value >= atLeast && value <= atMost,
      got: value === undefined ? "no such counter" : String(value),
    };
  });
}

/** What the kernel log must show while a step runs. */
function judgeLogs(scenario: Scenario, result: StrategyResult): readonly JudgedExpectation[] {
  return scenario.timeline.flatMap(({ id, log = [], says }) => {
    const { log: lines = [], achieved = "" } =
      result.operations.find((operation) => operation.id === id) ?? {};
    const logged = log.map((text) => ({
      what: `${result.name}: ${id} logs "${text}"`,
      held: lines.some((line) => line.includes(text)),
      got: lines.at(-1) ?? "nothing",
    }));
    if (says === undefined) return logged;
    const said = {
      what: `${result.name}: ${id} achieves "${says}"`,
      held: achieved.includes(says),
      got: achieved,
    };
    return [...logged, said];
  });
}

/** What is said about one variant goes before what is said about all. */
function expectedAnswers({ expect }: TimelineStep, variant: string): readonly string[] {
  return expect[variant] ?? expect["*"] ?? [];
}

/**
 * Exit status of a run that came to its end: 0 if every expectation held, 1 if one failed; without any expectation
 * 1 if a verdict is alarming.
 */
export function exitStatus(
  expectations: readonly ExpectationResult[],
  results: readonly StrategyResult[],
): 0 | 1 {
  const allWell =
    expectations.length > 0
      ? expectations.every(({ held }) => held)
      : results.every(({ verdict }) => !ALARMING.includes(verdict));
  return allWell ? 0 : 1;
}
