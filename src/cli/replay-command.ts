import {
  type Execution,
  type Row,
  type Story,
  switchesIn,
  tell,
  without as withoutParts,
} from "../../sim/index.ts";
import { hashOfText, interleavingText, pageOfReplay, readJob, writeReplayLine } from "../explore/index.ts";
import { explorePage, generationExplained } from "../report/index.ts";
import { wrongInput } from "./compare-command.ts";
import { readNumber } from "./numbers.ts";
import { outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";
import { type ReplaySource, readReplaySource } from "./replay-source.ts";

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
 * `pagestorm replay`: repeats a counter-example. Exit status 1 if it violates an invariant, 0 if not, 2 if it cannot be read
 * or the run is not the one that was saved. Says so if the scenario is not the file it was.
 */
export function replayCommand(what: string, options: ReplayOptions, ports: CliPorts): CommandResult {
  const replay = readReplaySource(what, ports);
  if ("problems" in replay) return wrongInput(replay.problems);
  const job = readJob({ ...replay, file: replay.scenario }, ports.catalogue);
  if ("problems" in job) return wrongInput(job.problems);
  const { html, trace } = options;
  const problems = [...outputProblems({ "--html": html }, ports, [what, replay.scenario])];
  const until =
    options.until === undefined
      ? Number.POSITIVE_INFINITY
      : readNumber("--until", options.until, { least: 1 }, problems);
  if (problems.length > 0) return wrongInput(problems);
  const { variant } = job;
  const { without } = replay;
  const scenario = withoutParts(job.scenario, without);
  const { choices, divergence } = replay.guide(scenario, variant);
  const story = tell(scenario, variant, choices);
  const rows = story.rows.slice(0, until);
  const strayed = [...(divergence === undefined ? [] : [divergence]), ...otherViolation(replay, story)];
  const run = { scenario, variant, choices, without, replay: writeReplayLine({ ...replay, choices }) };
  const isSame = strayed.length === 0;
  if (!isSame && html !== undefined)
    strayed.push(`--html: ${html} was not written: the run is not the one that was saved`);
  return {
    exitCode: isSame ? (story.violated ? 1 : 0) : 2,
    stdout: `${interleavingText(rows)}${trace ? traceText(story.execution.steps, rows) : ""}\n${outcomeOf(story)}\n`,
    stderr: [...otherText(replay), ...strayed].map((note) => `${note}\n`).join(""),
    files:
      html !== undefined && isSame
        ? [{ path: html, text: explorePage(pageOfReplay(replay, run), ports.reportAssets()) }]
        : [],
  };
}

function outcomeOf({ violated, execution }: Story): string {
  if (!violated) return `no invariant is violated: ${execution.reason}`;
  const { invariant, what } = violated;
  return [`${invariant} is violated: ${what}`, ...generationExplained(what)].join("\n");
}

/** The scenario may have been changed since; the run may be the same all the same. */
function otherText({ scenario, text, hash }: ReplaySource): readonly string[] {
  const found = hashOfText(text);
  return found === hash ? [] : [`${scenario} is not the file it was (found ${found}, expected ${hash})`];
}

/** Whether the violation that was saved has not come. */
function otherViolation({ violates }: ReplaySource, { violated }: Story): readonly string[] {
  if (violates === undefined || violated?.kind === violates.kind) return [];
  const found = violated ? `${violated.invariant} (${violated.kind})` : "none";
  return [
    `violation: found ${found}, expected ${violates.invariant} (${violates.kind}) as when the schedule was saved`,
  ];
}

/** Every step up to the last row shown: who, from where to where. */
function traceText(steps: Execution["steps"], rows: readonly Row[]): string {
  const last = Math.max(-1, ...rows.flatMap((row) => row.steps));
  const switches = switchesIn(steps);
  const lines = steps.slice(0, last + 1).map(({ name, label, stops }, at) => {
    return `${String(at + 1).padStart(4)}${switches[at] ? "*" : " "} ${name}: ${label} -> ${stops}`;
  });
  return `\n${lines.join("\n")}\n`;
}
