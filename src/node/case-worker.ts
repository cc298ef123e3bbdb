import { parentPort } from "node:worker_threads";
import { catalogue } from "../catalogue.ts";
import { type CaseFile, type CaseOutcome, runCase } from "../conform/index.ts";
import type { JobMessage } from "./job-pool.ts";

/** Runs the cases it is sent, one after the other. */
function work(job: CaseFile): JobMessage<CaseOutcome> {
  try {
    return { kind: "run", run: runCase(job, catalogue) };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", message: `${job.file}: ${message}`, stack: `${job.file}: ${stack ?? message}` };
  }
}

parentPort?.on("message", (job: CaseFile) => parentPort?.postMessage(work(job)));
