import { parentPort, workerData } from "node:worker_threads";
import { SimulationBug, simulate } from "../../sim/index.ts";
import { catalogue } from "../catalogue.ts";
import { parseScenario } from "../scenario/index.ts";
import { failureOf } from "./serve.ts";
import { traceReader } from "./trace-files.ts";
import type { WorkerJob, WorkerMessage } from "./worker-messages.ts";

/** Runs one variant in this thread and tells the main thread. */
function work({ job, variant: name }: WorkerJob): void {
  const { scenario } = parseScenario({ ...job, catalogue, readTrace: traceReader(job.file) });
  const variant = scenario?.strategies.find((candidate) => candidate.name === name);
  if (!scenario || !variant) throw new SimulationBug("a scenario that was right is right when read again");
  const result = simulate(scenario, variant, {
    ...(job.mapAt === undefined ? {} : { mapAt: job.mapAt }),
    onProgress: (progress) => tell({ kind: "progress", progress }),
  });
  tell({ kind: "result", result });
}

/** Results are plain data, so they can be sent as they are. */
function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

try {
  work(workerData as WorkerJob);
} catch (error) {
  tell(failureOf(error));
}
