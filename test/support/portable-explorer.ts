import { type Execution, execute, follow, openStreams } from "../../sim/index.ts";
import { catalogue } from "../../src/catalogue.ts";
import { readJob } from "../../src/explore/job.ts";

/** What a run of a scenario comes to if its choices are drawn from a seed: the fingerprint, and all that was chosen. */
export function exploredRun(text: string, strategy: string, seed: string): string {
  const job = readJob(
    { file: "scenario.yaml", text, strategy, toggles: { on: [], off: [], broken: false } },
    catalogue,
  );
  if ("problems" in job) throw new Error(job.problems.join("\n"));
  const random = openStreams(seed).named("choices");
  const guide = { answer: ({ options }: { readonly options: number }) => random.below(options) };
  const first = execute(job.scenario, job.variant, guide);
  const again = execute(job.scenario, job.variant, follow(first.choices));
  return JSON.stringify([summary(first), summary(again)]);
}

const summary = ({ fingerprint, choices, state, reason, steps }: Execution): object => ({
  fingerprint,
  choices,
  state,
  reason,
  steps: steps.map(({ name, label, stops }) => [name, label, stops]),
});
