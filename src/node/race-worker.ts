import { parentPort } from "node:worker_threads";
import { catalogue } from "../catalogue.ts";
import { measureRace, type RaceFile, type RaceRow } from "../explore/index.ts";
import type { JobMessage } from "./job-pool.ts";

/** Measures the races it is sent, one after the other. */
function work(race: RaceFile): JobMessage<readonly RaceRow[]> {
  try {
    return { kind: "run", run: measureRace(race, catalogue) };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", message, stack: stack ?? message };
  }
}

parentPort?.on("message", (race: RaceFile) => parentPort?.postMessage(work(race)));
