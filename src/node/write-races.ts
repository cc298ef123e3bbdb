import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type RaceFile, type RaceRow, racesPage } from "../explore/index.ts";
import { allocateYoung } from "./allocation.ts";
import { writeAtomically, yamlFiles } from "./files.ts";
import { JobPool } from "./job-pool.ts";
import { noRowProgress } from "./row-progress.ts";

allocateYoung();

/** `npm run races [-- SEEDS]`: looks for every known race with every search and writes docs/races.md. */
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Of each search that draws at random, unless the command says how many: as docs/races.md has it. */
const SEEDS = 20;

/** Bugs of a folder; the timed ones of workloads/bugs are no races. */
function bugsOf(folder: string, onlyScheduled: boolean) {
  const found = yamlFiles(`${root}workloads/${folder}`);
  if ("problem" in found) throw new Error(found.problem);
  return found.paths
    .filter((path) => basename(path).startsWith("KB-"))
    .map((path) => ({ file: relative(root, path), text: readFileSync(path, "utf8"), onlyScheduled }));
}

const bugs = [...bugsOf("explore", false), ...bugsOf("bugs", true)].toSorted((a, b) =>
  basename(a.file).localeCompare(basename(b.file), "en"),
);
const count = Number(process.argv[2] ?? SEEDS);
if (!(Number.isInteger(count) && count >= 1))
  throw new Error(
    `found ${process.argv[2]}, expected how many seeds each search has: a whole number, 1 or more`,
  );
const seeds = Array.from({ length: count }, (_, at) => String(at + 1));
const effort = { seeds, schedulesMax: 10_000 };

const pool = new JobPool<RaceFile, readonly RaceRow[]>({
  size: availableParallelism(),
  start: () => new Worker(new URL("./race-worker.js", import.meta.url)),
  progress: noRowProgress,
});
const rows = await Promise.all(bugs.map((bug) => pool.run(bug.file, { ...bug, ...effort })));
pool.close();
writeAtomically(`${root}docs/races.md`, racesPage(rows.flat(), effort));
