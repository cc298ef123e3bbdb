import { type BugOutcome, bugStories, bugsDocument, bugsReport, unreadable } from "../bugs/index.ts";
import { bugsPage } from "../report/index.ts";
import { foundAndExpected, nearest } from "../scenario/index.ts";
import { wrongInput } from "./compare-command.ts";
import { jsonOutput, outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";
import { runFiles } from "./run-files.ts";

/** Options of `bugs` as they come from the command line. */
export interface BugsOptions {
  /** A file, or `-` for standard output. */
  readonly json?: string;
  /** A file for the stories to look at. */
  readonly html?: string;
  readonly quiet?: boolean;
}

/** How much is told. */
interface Telling extends BugsOptions {
  readonly withStories: boolean;
}

/** A scenario file of a bug, and the number that its name begins with. */
interface FoundBug {
  readonly id: string;
  readonly path: string;
}

/** `KB-11b` of `…/KB-11b-shared-no-more.yaml`. */
const ID = /(?:^|[/\\])(KB-\d+[a-z]?)-[^/\\]*\.ya?ml$/;

/**
 * `pagestorm bugs`: runs known bugs with the fix off and on. Exit status 0 if each falls and its fix holds, 1 if one
 * does not or cannot be read, 2 for a number that no bug has.
 */
export async function bugsCommand(
  wanted: readonly string[],
  options: BugsOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const shipped = ports.yamlFiles(ports.shipped.bugs());
  const known = "paths" in shipped ? shipped.paths.flatMap(idOf) : [];
  const chosen = wanted.map((word) => choose(word, known, ports));
  const problems = [
    ...("problem" in shipped ? [`${ports.shipped.bugs()}: ${shipped.problem}`] : []),
    ...chosen.flatMap((choice) => ("problem" in choice ? [choice.problem] : [])),
    ...outputProblems({ "--json": options.json, "--html": options.html }, ports, []),
  ];
  if (problems.length > 0) return wrongInput(problems);
  const paths =
    wanted.length === 0
      ? known.map(({ path }) => path)
      : chosen.flatMap((choice) => ("paths" in choice ? choice.paths : []));
  // Whoever asks for one bug wants to hear of it, whoever asks for several compares them.
  return await runAndReport([...new Set(paths)], { ...options, withStories: wanted.length === 1 }, ports);
}

/** A shipped file by its place in the package: where the package lies is nobody's business. */
function nameOf(path: string): string {
  const [found] = idOf(path);
  return found ? path.replace(/^.*[/\\](workloads[/\\]bugs[/\\])/, "$1") : path;
}

function idOf(path: string): readonly FoundBug[] {
  const [, id] = ID.exec(path) ?? [];
  return id === undefined ? [] : [{ id, path }];
}

/** `KB-02`, `KB-2` and `kb-2` are the same number. */
function numberOf(id: string): string {
  return id.toUpperCase().replace(/^KB-0+/, "KB-");
}

/** The files that a word means: a bug by its number, all parts of an entry, or a scenario file of one's own. */
function choose(
  word: string,
  known: readonly FoundBug[],
  ports: CliPorts,
): { readonly paths: readonly string[] } | { readonly problem: string } {
  const number = numberOf(word);
  const paths = known
    .filter(({ id }) => [id, id.replace(/[a-z]$/, "")].map(numberOf).includes(number))
    .map(({ path }) => path);
  if (paths.length > 0) return { paths };
  if (/\.ya?ml$/.test(word)) {
    const files = ports.yamlFiles(word);
    return "problem" in files ? { problem: `${word}: ${files.problem}` } : files;
  }
  const names = known.flatMap(({ id }) => [id, id.replace(/[a-z]$/, "")]);
  const expected = "the number of a known bug or a scenario file";
  return { problem: `bugs: ${foundAndExpected(`"${word}"`, expected, nearest(word, names))}` };
}

async function runAndReport(
  paths: readonly string[],
  options: Telling,
  ports: CliPorts,
): Promise<CommandResult> {
  const runner = ports.openBugRunner(options.quiet ?? false);
  const forReport = options.html !== undefined;
  try {
    const ran = await runFiles(
      paths,
      {
        command: "bugs",
        run: (path, text) => runner.run(path, { file: nameOf(path), text, forReport }),
        unreadable: (path, problem) => unreadable(path, [problem]),
      },
      ports,
    );
    return ran.withDefects(present(ran.outcomes, options, ports));
  } finally {
    runner.close();
  }
}

function present(outcomes: readonly BugOutcome[], options: Telling, ports: CliPorts): CommandResult {
  const output = jsonOutput(
    options,
    () => bugsDocument(outcomes),
    () => bugsReport(outcomes, ports.columns, options.withStories),
  );
  const { html } = options;
  return {
    exitCode: outcomes.every(({ failures }) => failures.length === 0) ? 0 : 1,
    stdout: output.stdout,
    stderr: "",
    files: [
      ...output.files,
      ...(html === undefined
        ? []
        : [{ path: html, text: bugsPage(bugStories(outcomes), ports.reportAssets()) }]),
    ],
  };
}
