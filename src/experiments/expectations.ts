import type {
  ByVariant,
  ExpectationResult,
  Observation,
  OperationReport,
  Scenario,
  StrategyResult,
  TimelineStep,
} from "../../sim/index.ts";

/** An expectation of the scenario, with what came instead or came indeed. */
export type JudgedExpectation = Observation;

/** What of a run can be expected. */
export type Judged = Pick<StrategyResult, "name" | "verdict" | "operations" | "counters">;

/** Verdicts that nobody wants to see without having asked for them. */
const ALARMING: readonly string[] = ["corrupt", "deadlocked", "out-of-memory"];

/** Holds the results against what the scenario expects of them; variants that did not run are passed over. */
export function judgeExpectations(
  scenario: Scenario,
  results: readonly Judged[],
): readonly JudgedExpectation[] {
  return results.flatMap((result) => [
    ...judgeVerdict(scenario, result),
    ...judgeSteps(scenario, result),
    ...judgeCounters(scenario, result),
  ]);
}

/** What counters must have come to. One that does not exist is not held. */
function judgeCounters({ counters }: Scenario, result: Judged): readonly JudgedExpectation[] {
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

/** What is expected of the verdict of one variant. */
function judgeVerdict(scenario: Scenario, { name, verdict }: Judged): readonly JudgedExpectation[] {
  const expected = scenario.expect[name];
  if (expected === undefined) return [];
  return [{ what: `${name}: ${expected}`, held: verdict === expected, got: verdict }];
}

/** What is expected of the steps of one variant. A step that never began has not answered. */
function judgeSteps(scenario: Scenario, result: Judged): readonly JudgedExpectation[] {
  return scenario.timeline.flatMap((step) => {
    const operation = result.operations.find(({ id }) => id === step.id);
    const about = `${result.name}: ${step.id}`;
    const judged = [
      ...judgeAnswer(step, result.name, operation),
      ...judgeSaying(step, operation),
      ...judgeEnd(step, result.name, operation),
    ];
    return judged.map((one) => ({ ...one, what: `${about} ${one.what}` }));
  });
}

function judgeAnswer(
  { expect }: TimelineStep,
  variant: string,
  operation: OperationReport | undefined,
): readonly JudgedExpectation[] {
  const answers = saidAbout(expect, variant) ?? [];
  if (answers.length === 0) return [];
  const got = operation?.result ?? "nothing";
  return [{ what: `answers ${answers.join(" or ")}`, held: answers.includes(got), got }];
}

/** What the step tells about its outcome. */
function judgeSaying(
  { says }: TimelineStep,
  operation: OperationReport | undefined,
): readonly JudgedExpectation[] {
  if (says === undefined) return [];
  const got = operation?.achieved ?? "nothing";
  return [{ what: `achieves "${says}"`, held: got.includes(says), got }];
}

/** The step's log and state. A step that did not end has neither. */
function judgeEnd(
  { log, state }: TimelineStep,
  variant: string,
  operation: OperationReport | undefined,
): readonly JudgedExpectation[] {
  if (saidAbout(log, variant) === undefined && saidAbout(state, variant) === undefined) return [];
  return operation?.observed ?? [{ what: "ends with its log and state", held: false, got: "no end" }];
}

/** What is said about one variant goes before what is said about all. */
function saidAbout<Said>(said: ByVariant<Said> | undefined, variant: string): Said | undefined {
  return said?.[variant] ?? said?.["*"];
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
