import type { Progress, StrategyResult } from "../../sim/index.ts";
import type { RunnerJob } from "../cli/index.ts";

/** What a worker is given: a scenario and the name of the one variant it runs. */
export interface WorkerJob {
  readonly job: RunnerJob;
  readonly variant: string;
}

/** What a worker tells. The last message is a result or a failure. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "result"; readonly result: StrategyResult }
  | { readonly kind: "failure"; readonly message: string; readonly stack: string };
