import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type CaseFile, type CaseOutcome, galleryPage, readLeftOut } from "../conform/index.ts";
import { writeAtomically, yamlFiles } from "./files.ts";
import { JobPool } from "./job-pool.ts";
import { noRowProgress } from "./row-progress.ts";

/** `npm run conformance`: runs the suite and writes docs/conformance.md. */
const root = fileURLToPath(new URL("../../../", import.meta.url));
const found = yamlFiles(`${root}workloads/conformance`);
if ("problem" in found) throw new Error(found.problem);

const pool = new JobPool<CaseFile, CaseOutcome>({
  size: availableParallelism(),
  start: () => new Worker(new URL("./case-worker.js", import.meta.url)),
  progress: noRowProgress,
});
const isTable = (path: string): boolean => basename(path) === "left-out.yaml";
const cases = await Promise.all(
  found.paths
    .filter((path) => !isTable(path))
    .map(async (path) => {
      const file = relative(root, path);
      const text = readFileSync(path, "utf8");
      return { text, outcome: await pool.run(file, { file, text }) };
    }),
);
pool.close();
const leftOut = found.paths.filter(isTable).flatMap((path) => {
  const table = readLeftOut(path, readFileSync(path, "utf8"));
  if ("problem" in table) throw new Error(table.problem);
  return table.rows;
});
const suite = { cases: cases.map(({ outcome }) => outcome), leftOut };
writeAtomically(`${root}docs/conformance.md`, galleryPage(suite, cases));
