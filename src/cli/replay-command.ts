import { type Execution, type Row, tell, violationOf, without as withoutParts } from "../../sim/index.ts";
import {
  type ExplorePage,
  hashOfText,
  interleavingText,
  pageOfReplay,
  readJob,
  writeReplayLine,
} from "../explore/index.ts";
import { explorePage } from "../report/index.ts";
import { wrongInput } from "./compare-command.ts";
import { readNumber } from "./numbers.ts";
import { outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";
import { readReplaySource } from "./replay-source.ts";

/** Options of `replay` as they come from the command line. */
export interface ReplayOptions {
  /** Number of the last row that is shown. */
  readonly until?: string;
  /** Every step of every process, devices included. */
  readonly trace?: boolean;
  /** The file for the page. */
  readonly html?: string;
}

/**
 * `pagestorm replay`: repeats a counter-example. Exit status 1 if it violates an invariant, 0 if not, 2 if it cannot be
 * read. Says so if the scenario is not the file it was, and where the machine no longer follows the schedule.
 */
export function replayCommand(what: string, options: ReplayOptions, ports: CliPorts): CommandResult {
  const replay = readReplaySource(what, ports);
  if ("problems" in replay) return wrongInput(replay.problems);
  const job = readJob({ ...replay, file: replay.scenario }, ports.catalogue);
  if ("problems" in job) return wrongInput(job.problems);
  const problems = [...outputProblems({ "--html": options.html }, ports)];
  const until =
    options.until === undefined
      ? Number.POSITIVE_INFINITY
      : readNumber("--until", options.until, { least: 1 }, problems);
  if (problems.length > 0) return wrongInput(problems);
  const notes =
    hashOfText(replay.text) === replay.hash
      ? []
      : [
          `${replay.scenario} is not the file it was (found ${hashOfText(replay.text)}, expected ${replay.hash})`,
        ];
  const scenario = withoutParts(job.scenario, replay.without);
  const { choices, divergence } = replay.guide(scenario, job.variant);
  if (divergence !== undefined) notes.push(divergence);
  const story = tell(scenario, job.variant, choices);
  const violated = violationOf(story.execution);
  const rows = story.rows.slice(0, until);
  const outcome = violated
    ? `${violated.invariant} is violated: ${violated.what}`
    : `no invariant is violated: ${story.execution.reason}`;
  if (replay.violates !== undefined && violated?.kind !== replay.violates)
    notes.push("the run does not violate what it did when the schedule was written");
  const pageOf = (): ExplorePage =>
    pageOfReplay(replay, {
      scenario,
      variant: job.variant,
      choices,
      without: replay.without,
      replay: writeReplayLine({ ...replay, choices }),
    });
  return {
    exitCode: violated ? 1 : 0,
    stdout: `${interleavingText(rows)}${options.trace ? traceText(story.execution.steps, rows) : ""}\n${outcome}\n`,
    stderr: notes.map((note) => `${note}\n`).join(""),
    files:
      options.html === undefined
        ? []
        : [{ path: options.html, text: explorePage(pageOf(), ports.reportAssets()) }],
  };
}

/** Every step up to the last row shown: who, from where to where. */
function traceText(steps: Execution["steps"], rows: readonly Row[]): string {
  const last = Math.max(-1, ...rows.flatMap((row) => row.steps));
  const lines = steps.slice(0, last + 1).map(({ name, label, stops, preempts }, at) => {
    return `${String(at + 1).padStart(4)}${preempts ? "*" : " "} ${name}: ${label} -> ${stops}`;
  });
  return `\n${lines.join("\n")}\n`;
}
