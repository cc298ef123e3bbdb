import { stringify } from "yaml";
import { quoted, wrap } from "../report/index.ts";
import { commentOnTop, foundAndExpected, nearest, oneOf } from "../scenario/index.ts";
import { wrongInput } from "./compare-command.ts";
import type { CliPorts, CommandResult, ShippedScenario } from "./ports.ts";

export interface InitOptions {
  /** Name of a shipped scenario to begin with. */
  readonly from?: string;
  /** Only tells which scenarios are shipped. */
  readonly list?: boolean;
}

/** `pagestorm init FILE`: a scenario to begin with, commented or a copy of a shipped one. Replaces no file. */
export function initCommand(file: string | undefined, options: InitOptions, ports: CliPorts): CommandResult {
  if (options.list === true) return listScenarios(ports);
  const path = file === undefined ? undefined : scenarioPath(file);
  if (path === undefined) {
    return wrongInput([
      `init: found ${file === undefined ? "nothing" : `"${file}"`}, expected the name of the file to write`,
    ]);
  }
  const template = templateOf(options.from, ports);
  if ("problem" in template) return wrongInput([template.problem]);
  const problem = ports.exists(path)
    ? "it exists already; choose another name or remove it"
    : ports.whyNotWritable(path);
  if (problem !== undefined) return wrongInput([`init: ${path}: ${problem}`]);
  return {
    exitCode: 0,
    stdout: `${path} is written. Run it:\n  pagestorm compare ${quoted(path)}\n`,
    stderr: "",
    files: [{ path, text: named(template.text, scenarioName(path)) }],
  };
}

/** `a/b` and `a/b.yaml` are the same file; undefined if the last part of the path is no name. */
function scenarioPath(file: string): string | undefined {
  const base = file.slice(file.lastIndexOf("/") + 1);
  if (base === "" || /^\.+(ya?ml)?$/.test(base)) return undefined;
  return /\.ya?ml$/.test(base) ? file : `${file}.yaml`;
}

function scenarioName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
}

function templateOf(
  from: string | undefined,
  ports: CliPorts,
): { readonly text: string } | { readonly problem: string } {
  if (from === undefined) return { text: ports.shipped.starter() };
  const shipped = ports.shipped.scenarios();
  const wanted = scenarioName(from);
  const scenario = shipped.find(({ name }) => name === wanted);
  if (scenario) return scenario;
  const names = shipped.map(({ name }) => name);
  const near = nearest(wanted, names);
  return { problem: `--from: ${foundAndExpected(`"${from}"`, oneOf(names, near), near)}` };
}

/** The template under its new name. The line for editors goes: its path holds only inside the package. */
function named(text: string, name: string): string {
  return text
    .replace(/^# yaml-language-server:.*\n(#\n)?/, "")
    .replace(/^name: .*$/m, () => `name: ${stringify(name).trim()}`);
}

/** Each shipped scenario with whose situation it is. */
function listScenarios({ shipped, columns }: CliPorts): CommandResult {
  const entries = shipped.scenarios().map((scenario) => {
    const lines = wrap(situationOf(scenario), columns - 4).map((line) => `    ${line}\n`);
    return `  ${scenario.name}\n${lines.join("")}`;
  });
  const stdout = `scenarios\n\n${entries.join("")}\nBegin with one of them: pagestorm init FILE --from NAME\n`;
  return { exitCode: 0, stdout, stderr: "", files: [] };
}

/** The paragraph of the comment on top that says whose situation a scenario is. */
function situationOf({ text }: ShippedScenario): string {
  const [, paragraph = ""] = /^Whose situation: ((?:.+\n?)+)/m.exec(commentOnTop(text)) ?? [];
  return paragraph.replaceAll("\n", " ").trim();
}
