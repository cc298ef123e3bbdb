#!/usr/bin/env node
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { BugFile, BugOutcome } from "../bugs/index.ts";
import { catalogue } from "../catalogue.ts";
import { type CliPorts, type CommandResult, runCommandLine } from "../cli/index.ts";
import type { CaseFile, CaseOutcome } from "../conform/index.ts";
import type { EnumerationOutcome, SearchOutcome } from "../explore/index.ts";
import type { MeasuredMachine, RowRun } from "../validate/index.ts";
import { allocateYoung } from "./allocation.ts";
import { readData } from "./data-files.ts";
import type { FlaggedJob } from "./explore-worker.ts";
import {
  exists,
  explain,
  placeOf,
  readText,
  textFiles,
  whyNotWritable,
  writeAtomically,
  yamlFiles,
} from "./files.ts";
import { JobPool } from "./job-pool.ts";
import { namedPaths } from "./named-paths.ts";
import { packageFile, shippedFiles } from "./package-files.ts";
import { noProgress, progressBars } from "./progress.ts";
import { readReportAssets } from "./report-assets.ts";
import { noRowProgress, rowBar } from "./row-progress.ts";
import { StopFlags } from "./stop-flags.ts";
import { traceReader } from "./trace-files.ts";
import { WorkerPool } from "./worker-pool.ts";

allocateYoung();

/** Width of output that goes to no terminal, or to one that does not know its own (0 columns). */
const DEFAULT_COLUMNS = 100;
/** What is narrower is not written to: the terminal cuts or wraps it. */
const LEAST_COLUMNS = 40;

/** Exit status of a program that Ctrl-C ended, as shells have it: 128 and the number of the signal. */
const INTERRUPTED = 130;

/** Whatever runs variants or rows at the moment. */
let pool: WorkerPool | { close(): void; unfinished(): readonly string[] } | undefined;

/** Searches can end early with what they have; undefined: nobody searches. */
let searches: StopFlags | undefined;

/** The world as Node shows it. */
const ports: CliPorts = {
  catalogue,
  readText,
  readData,
  traceReader,
  paths: namedPaths,
  placeOf,
  whyNotWritable,
  exists,
  shipped: shippedFiles,
  openRunner: (job) => {
    const variants = new WorkerPool(job, {
      size: availableParallelism(),
      start: (workerData) => new Worker(new URL("./worker.js", import.meta.url), { workerData }),
      progress: process.stderr.isTTY && !job.quiet ? progressBars(process.stderr) : noProgress,
    });
    pool = variants;
    return variants;
  },
  openRowRunner: (quiet) => openPool<MeasuredMachine, RowRun>("./row-worker.js", quiet),
  openCaseRunner: (quiet) => openPool<CaseFile, CaseOutcome>("./case-worker.js", quiet),
  openExploreRunner: (quiet) => {
    const searching = openPool<FlaggedJob, SearchOutcome | EnumerationOutcome>("./explore-worker.js", quiet);
    searches = new StopFlags();
    const { memory: flags } = searches;
    return {
      run: (id, job) => searching.run(id, { job, flags }) as Promise<SearchOutcome>,
      enumerate: (id, job) => searching.run(id, { job, flags }) as Promise<EnumerationOutcome>,
      close: () => searching.close(),
    };
  },
  openBugRunner: (quiet) => openPool<BugFile, BugOutcome>("./bug-worker.js", quiet),
  yamlFiles,
  textFiles,
  reportAssets: () => readReportAssets(packageFile("dist/report")),
  now: () => performance.now(),
  colour: process.stdout.isTTY && !process.env["NO_COLOR"],
  columns: Math.max(process.stdout.columns || DEFAULT_COLUMNS, LEAST_COLUMNS),
};

/** Threads of one kind for many jobs; quietly, or with a bar on the terminal. */
function openPool<Task, Outcome>(worker: string, quiet: boolean): JobPool<Task, Outcome> {
  const jobs = new JobPool<Task, Outcome>({
    size: availableParallelism(),
    start: () => new Worker(new URL(worker, import.meta.url)),
    progress: process.stderr.isTTY && !quiet ? rowBar(process.stderr) : noRowProgress,
  });
  pool = jobs;
  return jobs;
}

/** Files first: what is printed says that they are there. */
function deliver({ exitCode, stdout, stderr, files }: CommandResult): void {
  for (const { path, text } of files) {
    try {
      writeAtomically(path, text);
    } catch (error) {
      process.stderr.write(`${path}: ${explain(error)}\n`);
      process.exitCode = 2;
      return;
    }
  }
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  process.exitCode = exitCode;
}

/**
 * Ctrl-C: searches end with what they have found so far, which is shown and saved. Otherwise, and the second time, what is
 * lost is the work of this run: files are only written when everything has ended.
 */
function interrupt(): void {
  if (searches && !searches.isInterrupted) {
    searches.interrupt();
    process.stderr.write("\nInterrupted: the searches end with what they have; Ctrl-C again loses it.\n");
    return;
  }
  const lost = pool?.unfinished() ?? [];
  pool?.close();
  const what = lost.length > 0 ? ` Lost: ${lost.join(", ")}.` : "";
  process.stderr.write(`\nInterrupted; no file was written.${what}\n`);
  process.exit(INTERRUPTED);
}

process.on("SIGINT", interrupt);

// A reader that has seen enough (`pagestorm … | head`) is no error; a full disk is, like that of any other file.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`standard output: ${explain(error)}\n`);
  process.exit(2);
});
deliver(await runCommandLine(process.argv.slice(2), ports));
if (searches?.isInterrupted) process.exitCode = INTERRUPTED;
