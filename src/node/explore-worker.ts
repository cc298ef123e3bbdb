import { catalogue } from "../catalogue.ts";
import {
  type Clock,
  type EnumerationJob,
  type ExploreJob,
  runEnumeration,
  runSearch,
} from "../explore/index.ts";
import { serve } from "./serve.ts";

/** Searches, or tries all small workloads, and tells now and then how far it is. */
serve((job: ExploreJob | EnumerationJob, tell) => {
  const what = "search" in job ? job.search : "workloads";
  const clock: Clock = {
    now: () => performance.now(),
    onProgress: ({ schedules, note }) => tell(`${what}: ${note ?? `${schedules} schedules`}`),
  };
  return "enumerate" in job ? runEnumeration(job, catalogue, clock) : runSearch(job, catalogue, clock);
});
