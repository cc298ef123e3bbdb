import { openStreams } from "../engine/index.ts";
import type { Scenario, StrategyVariant } from "../scenario.ts";
import { type Execution, execute } from "./execution.ts";
import type { Guide } from "./guide.ts";
import type { Row } from "./story.ts";
import { violationOf } from "./violated.ts";

/**
 * How likely the end is, at each row: the share of `runs` runs that violate an invariant when everything up to there
 * is as it was and anybody goes on afterwards. Entry 0 is before the first row, entry n after row n. Where it jumps, a
 * lock or a check would help.
 */
export function chances(
  scenario: Scenario,
  variant: StrategyVariant,
  { execution, rows }: { readonly execution: Execution; readonly rows: readonly Row[] },
  runs: number,
): readonly number[] {
  const ends = [-1, ...rows.map(({ at }) => at)];
  return ends.map((end, row) => {
    const next = execution.steps.find(({ question }, at) => at > end && question >= 0);
    const answers = execution.answers.slice(0, next?.question);
    let violated = 0;
    for (let run = 0; run < runs; run++) {
      const guide = wander(answers, `${scenario.seed}/${row}/${run}`);
      if (violationOf(execute(scenario, variant, guide))) violated++;
    }
    return violated / runs;
  });
}

/** Answers from a list; then anybody steps, all alike, and nothing else comes out otherwise. */
function wander(answers: readonly number[], seed: string): Guide {
  const random = openStreams(seed).named("explore/chances");
  return {
    answer: ({ number, options, ready }) =>
      Math.min(answers[number] ?? (ready ? random.below(options) : 0), options - 1),
  };
}
