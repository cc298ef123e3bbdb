import {
  type CaseOutcome,
  conformDocument,
  conformReport,
  junitXml,
  type LeftOut,
  readLeftOut,
  repeatedRows,
} from "../conform/index.ts";
import { wrongInput } from "./compare-command.ts";
import { jsonOutput, outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";
import { runFiles } from "./run-files.ts";

/** Options of `conform` as they come from the command line. */
export interface ConformOptions {
  /** A file, or `-` for standard output. */
  readonly json?: string;
  readonly junit?: string;
  readonly quiet?: boolean;
}

/** The file of a folder that says which demands have no case. */
const LEFT_OUT = "left-out.yaml";

/**
 * `pagestorm conform`: runs cases. Exit status 0 if all pass, 1 if one fails or cannot be read, 2 if a path leads
 * nowhere.
 */
export async function conformCommand(
  paths: readonly string[],
  options: ConformOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const found = (paths.length === 0 ? [ports.shipped.conformance()] : paths).map((path) => ({
    path,
    files: ports.yamlFiles(path),
  }));
  const problems = [
    ...found.flatMap(({ path, files }) => ("problem" in files ? [`${path}: ${files.problem}`] : [])),
    ...found.flatMap(({ path, files }) =>
      "paths" in files && files.paths.length === 0 ? [`${path}: found no case, expected files *.yaml`] : [],
    ),
    ...outputProblems(
      { "--json": options.json, "--junit": options.junit },
      ports,
      found.flatMap(({ files }) => ("paths" in files ? files.paths : [])),
    ),
  ];
  if (problems.length > 0) return wrongInput(problems);
  const files = [...new Set(found.flatMap((entry) => ("paths" in entry.files ? entry.files.paths : [])))];
  const isTable = (path: string): boolean => path === LEFT_OUT || path.endsWith(`/${LEFT_OUT}`);
  const tables = files.filter(isTable).map((path) => readTable(path, ports));
  const runner = ports.openCaseRunner(options.quiet ?? false);
  try {
    const run = (path: string, text: string) => runner.run(path, { file: path, text });
    const paths = files.filter((path) => !isTable(path));
    const ran = await runFiles(paths, { command: "conform", run, unreadable }, ports);
    const leftOut = tables.flatMap((table) => ("rows" in table ? table.rows : []));
    const wrong = tables.flatMap((table) => ("problem" in table ? [table.problem] : []));
    return ran.withDefects(
      present(ran.outcomes, leftOut, [...wrong, ...repeatedRows(ran.outcomes)], options),
    );
  } finally {
    runner.close();
  }
}

function readTable(
  path: string,
  ports: CliPorts,
): { readonly rows: readonly LeftOut[] } | { readonly problem: string } {
  const read = ports.readText(path);
  return "problem" in read ? { problem: `${path}: ${read.problem}` } : readLeftOut(path, read.text);
}

/** A file without an outcome is a case that fails; the others still run. */
function unreadable(file: string, problem: string): CaseOutcome {
  return { file, spec: undefined, name: file, failures: [`${file}: ${problem}`], steps: [], verdicts: {} };
}

function present(
  cases: readonly CaseOutcome[],
  leftOut: readonly LeftOut[],
  problems: readonly string[],
  options: ConformOptions,
): CommandResult {
  const suite = { cases, leftOut };
  const output = jsonOutput(
    options,
    () => conformDocument(suite),
    () => conformReport(suite),
  );
  const { junit } = options;
  const isGreen = problems.length === 0 && cases.every(({ failures }) => failures.length === 0);
  return {
    exitCode: isGreen ? 0 : 1,
    stdout: output.stdout,
    stderr: problems.map((problem) => `${problem}\n`).join(""),
    files: [...output.files, ...(junit === undefined ? [] : [{ path: junit, text: junitXml(suite) }])],
  };
}
