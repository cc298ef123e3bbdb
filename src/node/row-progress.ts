import cliProgress from "cli-progress";
import type { JobProgress } from "./job-pool.ts";

/** For output that nobody watches. */
export const noRowProgress: JobProgress = { update() {}, close() {} };

/** One bar over all rows with the name of the last one; gone when all is done. */
export function rowBar(stream: NodeJS.WriteStream): JobProgress {
  const bar = new cliProgress.SingleBar({
    stream,
    format: "{bar} {value} of {total} rows, {eta_formatted} left, {id}",
    clearOnComplete: true,
    hideCursor: true,
    barsize: 30,
  });
  let started = false;
  return {
    update(done, planned, id) {
      if (!started) bar.start(planned, 0, { id });
      started = true;
      bar.setTotal(planned);
      bar.update(done, { id });
    },
    close: () => bar.stop(),
  };
}
