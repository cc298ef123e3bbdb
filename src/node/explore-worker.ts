import { parentPort } from "node:worker_threads";
import { catalogue } from "../catalogue.ts";
import {
  type EnumerationJob,
  type EnumerationOutcome,
  type ExploreJob,
  runEnumeration,
  runSearch,
  type SearchOutcome,
} from "../explore/index.ts";
import type { JobMessage } from "./job-pool.ts";

type Job = ExploreJob | EnumerationJob;
type Outcome = SearchOutcome | EnumerationOutcome;

/** Carries out the searches it is sent, one after the other, and tells now and then how far it is. */
function work(job: Job): JobMessage<Outcome> {
  const clock = {
    now: () => performance.now(),
    onProgress: ({ schedules, note }: { readonly schedules: number; readonly note?: string }) =>
      parentPort?.postMessage({
        kind: "progress",
        note: `${"search" in job ? job.search : "workloads"}: ${note ?? `${schedules} schedules`}`,
      }),
  };
  try {
    const run = "enumerate" in job ? runEnumeration(job, catalogue, clock) : runSearch(job, catalogue, clock);
    return { kind: "run", run };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", message, stack: stack ?? message };
  }
}

parentPort?.on("message", (job: Job) => parentPort?.postMessage(work(job)));
