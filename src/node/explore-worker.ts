import { parentPort } from "node:worker_threads";
import { catalogue } from "../catalogue.ts";
import { type ExploreJob, runSearch, type SearchOutcome } from "../explore/index.ts";
import type { JobMessage } from "./job-pool.ts";

/** Carries out the searches it is sent, one after the other, and tells now and then how far it is. */
function work(job: ExploreJob): JobMessage<SearchOutcome> {
  try {
    const clock = {
      now: () => performance.now(),
      onProgress: ({ schedules }: { readonly schedules: number }) =>
        parentPort?.postMessage({ kind: "progress", note: `${job.search}: ${schedules} schedules` }),
    };
    return { kind: "run", run: runSearch(job, catalogue, clock) };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", message, stack: stack ?? message };
  }
}

parentPort?.on("message", (job: ExploreJob) => parentPort?.postMessage(work(job)));
