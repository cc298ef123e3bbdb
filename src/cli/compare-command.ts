import type { Scenario } from "../../sim/index.ts";
import { type Comparison, compare, documentOf, VariantFailure } from "../experiments/index.ts";
import { htmlReport, mapText, quoted, terminalReport } from "../report/index.ts";
import {
  formatProblem,
  type Problem,
  parseDuration,
  parseScenario,
  writeDuration,
} from "../scenario/index.ts";
import { jsonOutput, outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult, RunnerJob } from "./ports.ts";

/** Options of `run` and `compare` as they come from the command line. */
export interface CompareOptions {
  /** `run` only: the one variant. */
  readonly strategy?: string;
  /** `compare` only: variants instead of those of the file. */
  readonly strategies?: string;
  /** `run` only: the moment at which the disk is shown. */
  readonly map?: string;
  /** Mechanisms to break or to add, beside those of the file. */
  readonly toggle?: string;
  readonly seed?: string;
  /** `costs.NAME=TIME` and `machine.NAME=VALUE`. */
  readonly set?: readonly string[];
  /** A file, or `-` for standard output. */
  readonly json?: string;
  /** A file for the report to look at. */
  readonly html?: string;
  readonly timing?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

/** Carries out `run` and `compare`: they differ in the number of variants and the name of the document. */
export async function compareCommand(
  command: "run" | "compare",
  file: string,
  options: CompareOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const read = ports.readText(file);
  if ("problem" in read) return wrongInput([`${file}: ${read.problem}`]);
  const job = jobOf(file, read.text, options);
  const { catalogue } = ports;
  const parsed = parseScenario({ ...job, catalogue, readTrace: ports.traceReader(file) });
  const problems = [
    ...(parsed.problems ?? []).map(describe),
    ...outputProblems({ "--json": options.json, "--html": options.html }, ports, [file]),
    ...mapProblems(options.map, parsed.scenario?.duration),
  ];
  if (!parsed.scenario || problems.length > 0) return wrongInput(problems);
  if (command === "run" && parsed.scenario.strategies.length !== 1) {
    return wrongInput([
      `--strategy: found ${options.strategy}, expected one strategy; compare takes several`,
    ]);
  }
  return await simulateAndReport(command, parsed.scenario, job, options, ports);
}

/** The scenario as the reader and the workers get it: both must read exactly the same. */
export function jobOf(file: string, text: string, options: CompareOptions): RunnerJob {
  const { strategy, strategies, seed, toggle, set, quiet } = options;
  const mapAt = options.map === undefined ? undefined : parseDuration(options.map);
  const option = strategy === undefined ? "--strategies" : "--strategy";
  const names = strategy ?? strategies;
  return {
    file,
    text,
    quiet: quiet ?? false,
    ...(seed === undefined ? {} : { seed }),
    ...(set === undefined ? {} : { set: set.map((text) => ({ option: "--set", text })) }),
    ...(mapAt === undefined ? {} : { mapAt }),
    ...(names === undefined ? {} : { strategies: { names, option } }),
    ...(toggle === undefined ? {} : { toggles: { names: toggle, option: "--toggle" } }),
  };
}

function describe(problem: Problem): string {
  return formatProblem(problem);
}

/** A moment that the run reaches. */
function mapProblems(map: string | undefined, duration = Number.POSITIVE_INFINITY): readonly string[] {
  const at = map === undefined ? 0 : parseDuration(map);
  if (at !== undefined && at <= duration) return [];
  const end = Number.isFinite(duration) ? `, at most ${writeDuration(duration)}` : "";
  return [`--map: found ${map}, expected a duration such as 5s${end}`];
}

/** Runs the variants. Only a defect of ours ends here with an exception; it becomes exit status 3. */
async function simulateAndReport(
  command: "run" | "compare",
  scenario: Scenario,
  job: RunnerJob,
  options: CompareOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const runner = ports.openRunner(job);
  const toggled = job.toggles ? ` --toggle ${quoted(job.toggles.names)}` : "";
  try {
    const comparison = await compare(scenario, runner.run, () => ports.now());
    return present(command, comparison, options, ports);
  } catch (error) {
    if (!(error instanceof VariantFailure)) throw error;
    const set = (job.set ?? []).map(({ text }) => ` --set ${quoted(text)}`).join("");
    return defect(
      error,
      `run ${quoted(job.file)} --strategy ${quoted(error.variant)} --seed ${quoted(scenario.seed)}${toggled}${set}`,
    );
  } finally {
    runner.close();
  }
}

/** Turns a comparison into output. With JSON on standard output the report has no place to go. */
function present(
  command: "run" | "compare",
  comparison: Comparison,
  options: CompareOptions,
  ports: CliPorts,
): CommandResult {
  const { json, html, quiet, color, timing, map } = options;
  const { columns } = ports;
  const colour = color && ports.colour;
  const document = documentOf(comparison, command, timing);
  const mapAt = map === undefined ? undefined : parseDuration(map);
  const maps =
    mapAt === undefined ? [] : document.strategies.map((result) => mapText(result, mapAt, columns));
  const report = terminalReport(document, { colour, columns });
  const text = [...(quiet ? [] : [report]), ...maps.map((one) => `${one}\n`)].join("\n");
  const output = jsonOutput(
    { json },
    () => document,
    () => text,
  );
  return {
    exitCode: comparison.exitStatus,
    stdout: output.stdout,
    stderr: "",
    files: [
      ...output.files,
      ...(html === undefined ? [] : [{ path: html, text: htmlReport([document], ports.reportAssets()) }]),
    ],
  };
}

/** Wrong use or wrong input: nothing was simulated, nothing is written. */
export function wrongInput(problems: readonly string[]): CommandResult {
  return { exitCode: 2, stdout: "", stderr: problems.map((problem) => `${problem}\n`).join(""), files: [] };
}

/** A defect of pagestorm itself, with the arguments that repeat it. */
export function defect(error: unknown, args: string): CommandResult {
  const cause = error instanceof VariantFailure ? (error.cause ?? error) : error;
  const details = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const stderr = `pagestorm has a defect:\n${details}\nThis line repeats it:\n  pagestorm ${args}\n`;
  return { exitCode: 3, stdout: "", stderr, files: [] };
}
