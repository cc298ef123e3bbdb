import { quoted, validationPage } from "../report/index.ts";
import { unknownToggle } from "../scenario/index.ts";
import {
  globTest,
  type Validation,
  validate,
  validationDocument,
  validationReport,
} from "../validate/index.ts";
import { defect, wrongInput } from "./compare-command.ts";
import { jsonOutput, outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** Options of `validate` as they come from the command line. */
export interface ValidateOptions {
  /** A file, or `-` for standard output. */
  readonly json?: string;
  /** Ids of rows, with `*` and `?`. */
  readonly only?: string;
  readonly quiet?: boolean;
  /** A page with the tables and a plot of simulated against measured. */
  readonly html?: string;
  /** Names of toggles, separated by commas. */
  readonly without?: string;
}

/**
 * `pagestorm validate`: simulates measured rows and says how far the counters are apart. Bad lines and rows are named
 * and make the exit status 1; all others run.
 */
export async function validateCommand(
  paths: readonly string[],
  options: ValidateOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const without = options.without?.split(",") ?? [];
  const beside = rerunsBeside(paths, ports);
  const files = [...paths, ...beside].map((path) => ({ path, read: ports.readData(path) }));
  const problems = [
    ...files.flatMap(({ path, read }) => ("problem" in read ? [`${path}: ${read.problem}`] : [])),
    ...outputProblems({ "--json": options.json, "--html": options.html }, ports, paths),
    ...without.flatMap((name) => unknownToggle("--without", name, ports.catalogue) ?? []),
  ];
  if (problems.length > 0) return wrongInput(problems);
  const texts = files.map(({ path, read }) => ({
    name: path,
    text: "text" in read ? read.text : "",
    foundBeside: beside.includes(path),
  }));
  const damage = files.flatMap(({ path, read }) =>
    "damage" in read ? [`${path}: the archive is damaged: ${read.damage}`] : [],
  );
  const { only = "*", quiet = false } = options;
  const runner = ports.openRowRunner(quiet);
  try {
    return present(await validate(texts, globTest(only), runner.run, without), damage, paths, options, ports);
  } finally {
    runner.close();
  }
}

/** Rows that were measured several times lie in a file of this name beside them. */
const RERUNS = "reruns.jsonl.gz";

/**
 * The repetitions that lie beside the given files, as in the folder of the measurements: a row with several courses is
 * compared with the nearest of them, whichever of the files was named.
 */
function rerunsBeside(paths: readonly string[], ports: CliPorts): readonly string[] {
  const beside = new Set(paths.map((path) => path.replace(/[^/]*$/, RERUNS)));
  return [...beside].filter((path) => !paths.includes(path) && ports.exists(path));
}

function present(
  validation: Validation,
  damage: readonly string[],
  paths: readonly string[],
  options: ValidateOptions,
  ports: CliPorts,
): CommandResult {
  const { html, only, without } = options;
  const problems = [...damage, ...validation.problems];
  if (only !== undefined && validation.rows.length === 0 && problems.length === 0) {
    return wrongInput([`--only: found ${only}, expected ids of rows, with * for any text`]);
  }
  const [broken] = validation.defects;
  const words = broken && defect(broken.error, repeat(broken.id, paths, without));
  const document = validationDocument(validation);
  const output = jsonOutput(
    options,
    () => document,
    () => validationReport(validation),
  );
  const page = html === undefined ? "" : validationPage(document, ports.reportAssets());
  return {
    exitCode: words ? 3 : problems.length > 0 ? 1 : 0,
    stdout: output.stdout,
    stderr: `${problems.map((problem) => `${problem}\n`).join("")}${words?.stderr ?? ""}`,
    files: [...output.files, ...(html === undefined ? [] : [{ path: html, text: page }])],
  };
}

function repeat(id: string, paths: readonly string[], without: string | undefined): string {
  const left = without === undefined ? "" : ` --without ${quoted(without)}`;
  return `validate ${paths.map(quoted).join(" ")} --only ${quoted(id)}${left}`;
}
