import {
  execute,
  type Row,
  ScheduleGuide,
  tell,
  violationOf,
  without as withoutParts,
} from "../../sim/index.ts";
import {
  type ExplorePage,
  hashOfText,
  interleavingText,
  pageOfReplay,
  type ReplayIdentity,
  readJob,
  readReplayFile,
  readReplayLine,
  writeReplayLine,
} from "../explore/index.ts";
import { explorePage } from "../report/index.ts";
import { wrongInput } from "./compare-command.ts";
import { readNumber } from "./numbers.ts";
import { outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** Options of `replay` as they come from the command line. */
export interface ReplayOptions {
  /** Number of the last row that is shown. */
  readonly until?: string;
  /** Every step of every process, devices included. */
  readonly trace?: boolean;
  /** The file for the page. */
  readonly html?: string;
}

/** What a replay needs, from a line or from a file. */
interface Replay extends Omit<ReplayIdentity, "choices"> {
  readonly guide: (scenario: Parameters<typeof execute>[0], variant: Parameters<typeof execute>[1]) => Found;
  readonly violates: string | undefined;
}

/** The run that a schedule leads to, as choices, and where the machine left it. */
interface Found {
  readonly choices: readonly number[];
  readonly divergence: string | undefined;
}

/**
 * `pagestorm replay`: repeats a counter-example. Exit status 1 if it violates an invariant, 0 if not, 2 if it cannot be
 * read. Says so if the scenario is not the file it was, and where the machine no longer follows the schedule.
 */
export function replayCommand(what: string, options: ReplayOptions, ports: CliPorts): CommandResult {
  const replay = readReplay(what, ports);
  if ("problems" in replay) return wrongInput(replay.problems);
  const text = ports.readText(replay.scenario);
  if ("problem" in text) return wrongInput([`${replay.scenario}: ${text.problem}`]);
  const job = readJob({ ...replay, file: replay.scenario, text: text.text }, ports.catalogue);
  if ("problems" in job) return wrongInput(job.problems);
  const problems = [...outputProblems({ "--html": options.html }, ports)];
  const until =
    options.until === undefined
      ? Number.POSITIVE_INFINITY
      : readNumber("--until", options.until, { least: 1 }, problems);
  if (problems.length > 0) return wrongInput(problems);
  const notes =
    hashOfText(text.text) === replay.hash
      ? []
      : [
          `${replay.scenario} is not the file it was (found ${hashOfText(text.text)}, expected ${replay.hash})`,
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

/** A line, or the path of a file. */
function readReplay(what: string, ports: CliPorts): Replay | { readonly problems: readonly string[] } {
  const line = readReplayLine(what);
  if (line) {
    const { choices } = line;
    return { ...line, violates: undefined, guide: () => ({ choices, divergence: undefined }) };
  }
  if (what.startsWith("ps1:")) {
    return {
      problems: [
        "found a line that is cut or changed, expected ps1:FILE:HASH:STRATEGY:TOGGLES:WITHOUT:CHOICES",
      ],
    };
  }
  const read = ports.readText(what);
  if ("problem" in read) return { problems: [`${what}: ${read.problem}`] };
  const { replay, problems } = readReplayFile(what, read.text);
  if (!replay) return { problems };
  return {
    ...replay,
    violates: replay.violates?.kind,
    guide: (scenario, variant) => {
      const guide = new ScheduleGuide(replay.schedule);
      const { choices } = execute(scenario, variant, guide);
      const { divergence } = guide;
      const where =
        divergence &&
        `diverged at step ${divergence.step}, line ${divergence.line + 1} of the schedule: ${divergence.why}`;
      return { choices, divergence: where };
    },
  };
}

/** Every step up to the last row shown: who, from where to where. */
function traceText(steps: ReturnType<typeof execute>["steps"], rows: readonly Row[]): string {
  const last = Math.max(-1, ...rows.flatMap((row) => row.steps));
  const lines = steps.slice(0, last + 1).map(({ name, label, stops, preempts }, at) => {
    return `${String(at + 1).padStart(4)}${preempts ? "*" : " "} ${name}: ${label} -> ${stops}`;
  });
  return `\n${lines.join("\n")}\n`;
}
