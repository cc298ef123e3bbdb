import { explore, type Scenario, type StrategyVariant, searches, violationOf } from "../../sim/index.ts";
import { catalogue } from "../../src/catalogue.ts";
import { type ExploreJob, readJob } from "../../src/explore/job.ts";

/** A scenario to explore and one of its variants. */
export interface Scene {
  readonly scenario: Scenario;
  readonly variant: StrategyVariant;
}

/** Reads a scenario as the explorer does: `broken` takes the fix of its bug out. */
export function scene(
  text: string,
  strategy: string,
  options: { readonly broken?: boolean; readonly toggles?: ExploreJob["toggles"] } = {},
): Scene {
  const { broken = false, toggles = { on: [], off: [], broken } } = options;
  const job = readJob({ file: "scene.yaml", text, strategy, toggles }, catalogue);
  if ("problems" in job) throw new Error(job.problems.join("\n"));
  return job;
}

/** What kinds of harm all schedules up to a bound do, how many there are, and whether all of them were tried. */
export function harmOf(
  { scenario, variant }: Scene,
  options: { readonly bound: number; readonly reduction: boolean; readonly schedules: number },
) {
  const kinds = new Set<string>();
  const { schedules, complete } = explore(scenario, variant, searches.require("bounded"), {
    ...options,
    all: true,
    onExecution: (execution) => {
      const violated = violationOf(execution);
      if (violated) kinds.add(violated.kind);
    },
  });
  return { kinds: [...kinds].toSorted((a, b) => a.localeCompare(b, "en")), schedules, complete };
}
