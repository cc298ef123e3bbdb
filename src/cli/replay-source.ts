import { execute, follow, ScheduleGuide } from "../../sim/index.ts";
import {
  hashOfText,
  type ReplayFile,
  type ReplayIdentity,
  readReplayFile,
  readReplayLine,
} from "../explore/index.ts";
import type { CliPorts } from "./ports.ts";

/** What a replay needs, from a line or from a file. `scenario` is a path from where the command runs. */
export interface ReplaySource extends Omit<ReplayIdentity, "choices"> {
  /** Text of the scenario. */
  readonly text: string;
  readonly guide: (scenario: Parameters<typeof execute>[0], variant: Parameters<typeof execute>[1]) => Found;
  /** What the run violated when it was saved; undefined: nobody has said. */
  readonly violates: ReplayFile["violates"];
}

/** The run that a schedule leads to, as choices, and where the machine left it: from there on it is another run. */
interface Found {
  readonly choices: readonly number[];
  readonly divergence: string | undefined;
}

type Problems = { readonly problems: readonly string[] };

/** Reads a line, or the file at a path, with the scenario that it is about. */
export function readReplaySource(what: string, ports: CliPorts): ReplaySource | Problems {
  const line = readReplayLine(what);
  if (line) {
    const { choices, scenario } = line;
    const read = ports.readText(scenario);
    if ("problem" in read) return { problems: [`${scenario}: ${read.problem}`] };
    return { ...line, text: read.text, violates: undefined, guide: guideOfLine(choices) };
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
  const found = findScenario(what, replay, ports);
  if ("problems" in found) return found;
  return { ...replay, ...found, violates: replay.violates, guide: guideOfFile(replay) };
}

function guideOfLine(choices: readonly number[]): ReplaySource["guide"] {
  return (scenario, variant) => {
    const { choices: made } = execute(scenario, variant, follow(choices));
    const at = choices.findIndex((choice, number) => made[number] !== choice);
    if (at < 0) return { choices, divergence: undefined };
    const why =
      at < made.length ? `${choices[at]} is not possible` : `the run ends with choice ${made.length}`;
    return { choices, divergence: `diverged at choice ${at + 1} of the line: ${why}` };
  };
}

function guideOfFile({ schedule }: ReplayFile): ReplaySource["guide"] {
  return (scenario, variant) => {
    const guide = new ScheduleGuide(schedule);
    const execution = execute(scenario, variant, guide);
    guide.finish(execution.steps);
    const { divergence } = guide;
    const where =
      divergence &&
      `diverged at step ${divergence.step}, line ${divergence.line + 1} of the schedule: ${divergence.why}`;
    return { choices: execution.choices, divergence: where };
  };
}

/**
 * A schedule names its scenario as seen from its own folder. Somebody may have written the path from where he works, or may
 * have put both files side by side since: what was explored is looked for in all three places.
 */
function findScenario(
  file: string,
  { scenario, hash }: ReplayFile,
  { paths, readText }: CliPorts,
): Pick<ReplaySource, "scenario" | "text"> | Problems {
  const name = scenario.slice(scenario.lastIndexOf("/") + 1);
  const places = new Set([paths.meantBy(file, scenario), scenario, paths.meantBy(file, name)]);
  const tried = [...places].map((path) => ({ path, read: readText(path) }));
  const there = tried.flatMap(({ path, read }) =>
    "text" in read ? [{ scenario: path, text: read.text }] : [],
  );
  const found = there.find(({ text }) => hashOfText(text) === hash) ?? there[0];
  if (found) return found;
  const why = tried.map(({ path, read }) => `  ${path}: ${"problem" in read ? read.problem : ""}`);
  return { problems: [`${file}: scenario: found ${scenario}, expected a scenario file at one of`, ...why] };
}
