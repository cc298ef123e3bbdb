import { countByClass, type Suite } from "./suite.ts";

/** The JSON of `pagestorm conform`: equal suites give equal bytes. */
export function conformDocument(suite: Suite): object {
  return {
    schema: "pagestorm/conform/1",
    classes: countByClass(suite),
    cases: suite.cases.map(({ file, spec, name, failures, steps, verdicts }) => ({
      file,
      row: spec?.row ?? null,
      class: spec?.class ?? null,
      source: spec?.source ?? null,
      ours: spec?.ours ?? null,
      name,
      result: failures.length === 0 ? "pass" : "fail",
      failures,
      verdicts,
      steps: steps.map(({ id, do: operation, strategy, expected, got, achieved, log }) => ({
        id,
        do: operation,
        strategy,
        expected: expected.length === 0 ? null : expected,
        got,
        achieved,
        log,
      })),
    })),
    leftOut: suite.leftOut,
  };
}
