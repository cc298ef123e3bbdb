import { parentPort } from "node:worker_threads";
import { type BugFile, type BugOutcome, runBug } from "../bugs/index.ts";
import { catalogue } from "../catalogue.ts";
import type { JobMessage } from "./job-pool.ts";

/** Runs the bugs it is sent, one after the other. */
function work(job: BugFile): JobMessage<BugOutcome> {
  try {
    return { kind: "run", run: runBug(job, catalogue) };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", message: `${job.file}: ${message}`, stack: `${job.file}: ${stack ?? message}` };
  }
}

parentPort?.on("message", (job: BugFile) => parentPort?.postMessage(work(job)));
