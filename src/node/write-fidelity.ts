import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import {
  fidelityDocument,
  MECHANISMS,
  type MeasuredMachine,
  type RowRun,
  type Validation,
  validate,
} from "../validate/index.ts";
import { readData } from "./data-files.ts";
import { writeAtomically } from "./files.ts";
import { JobPool } from "./job-pool.ts";
import { noRowProgress } from "./row-progress.ts";

/** `npm run fidelity`: runs all measured rows as they are and without each mechanism, and writes docs/fidelity.md. */
const root = new URL("../../../", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, root));

const files = ["ground-truth", "reruns"].map((name) => {
  const file = path(`workloads/measured/${name}.jsonl.gz`);
  const read = readData(file);
  if ("problem" in read) throw new Error(`${file}: ${read.problem}`);
  return { name: file, text: read.text };
});

const pool = new JobPool<MeasuredMachine, RowRun>({
  size: availableParallelism(),
  start: () => new Worker(new URL("./row-worker.js", import.meta.url)),
  progress: noRowProgress,
});

async function run(without: readonly string[]): Promise<Validation> {
  process.stderr.write(`all rows without ${without.length > 0 ? without.join(", ") : "nothing"}\n`);
  return await validate(files, () => true, pool.run, without);
}

const whole = await run([]);
const ablated = new Map<string, Validation>();
for (const { toggle } of MECHANISMS) ablated.set(toggle, await run([toggle]));
pool.close();
writeAtomically(path("docs/fidelity.md"), fidelityDocument(whole, ablated, "npm run fidelity"));
