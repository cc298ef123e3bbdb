import { catalogue } from "../catalogue.ts";
import {
  type Clock,
  type EnumerationJob,
  type ExploreJob,
  runEnumeration,
  runSearch,
} from "../explore/index.ts";
import { serve } from "./serve.ts";
import { StopFlags } from "./stop-flags.ts";

/** A job, with the memory in which those of one command tell each other to stop. */
export interface FlaggedJob {
  readonly job: ExploreJob | EnumerationJob;
  readonly flags: SharedArrayBuffer;
}

/** Searches, or tries all small workloads, and tells now and then how far it is. */
serve(({ job, flags }: FlaggedJob, tell) => {
  const stop = new StopFlags(flags);
  const what = "search" in job ? job.search : "workloads";
  const clock: Clock = {
    now: () => performance.now(),
    stopped: () => stop.reason("search" in job && job.stopsOthers === true),
    found: () => stop.found(),
    onProgress: ({ schedules, note }) => tell(`${what}: ${note ?? `${schedules} schedules`}`),
  };
  return "enumerate" in job ? runEnumeration(job, catalogue, clock) : runSearch(job, catalogue, clock);
});
