import { parentPort } from "node:worker_threads";
import type { JobMessage } from "./job-pool.ts";

/**
 * Makes this thread do the jobs of a `JobPool`, one after the other. `work` may tell how far it is; what it throws is a
 * failure of the job and not the end of the thread. `nameOf` says what the job was, to stand before the failure.
 */
export function serve<Task, Outcome>(
  work: (task: Task, tell: (note: string) => void) => Outcome,
  nameOf?: (task: Task) => string,
): void {
  const post = (message: JobMessage<Outcome>) => parentPort?.postMessage(message);
  parentPort?.on("message", (task: Task) => {
    try {
      post({ kind: "run", run: work(task, (note) => post({ kind: "progress", note })) });
    } catch (error) {
      post(failureOf(error, nameOf ? `${nameOf(task)}: ` : ""));
    }
  });
}

/** An exception as it goes from thread to thread. */
export function failureOf(
  error: unknown,
  prefix = "",
): { readonly kind: "failure"; readonly message: string; readonly stack: string } {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "failure", message: prefix + message, stack: prefix + (stack ?? message) };
}
