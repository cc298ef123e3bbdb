import { type Execution, execute, follow, openStreams } from "../../sim/index.ts";
import { scene } from "./scene.ts";

/** What a run of a scenario comes to if its choices are drawn from a seed: the fingerprint, and all that was chosen. */
export function exploredRun(text: string, strategy: string, seed: string): string {
  const { scenario, variant } = scene(text, strategy);
  const random = openStreams(seed).named("choices");
  const guide = { answer: ({ options }: { readonly options: number }) => random.below(options) };
  const first = execute(scenario, variant, guide);
  const again = execute(scenario, variant, follow(first.choices));
  return JSON.stringify([summary(first), summary(again)]);
}

const summary = ({ fingerprint, choices, state, reason, steps }: Execution): object => ({
  fingerprint,
  choices,
  state,
  reason,
  steps: steps.map(({ name, label, stops }) => [name, label, stops]),
});
