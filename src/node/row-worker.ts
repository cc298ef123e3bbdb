import { parentPort } from "node:worker_threads";
import { type MeasuredMachine, type RowRun, runRow } from "../validate/index.ts";
import type { JobMessage } from "./job-pool.ts";

/** Simulates the rows it is sent, one after the other. */
function work(machine: MeasuredMachine): JobMessage<RowRun> {
  try {
    return { kind: "run", run: runRow(machine) };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", message, stack: stack ?? message };
  }
}

parentPort?.on("message", (machine: MeasuredMachine) => parentPort?.postMessage(work(machine)));
