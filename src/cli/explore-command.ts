import { strategies, TOGGLES, without as withoutParts } from "../../sim/index.ts";
import { toJson } from "../experiments/index.ts";
import {
  bestOf,
  type EnumerationOutcome,
  type Exploration,
  type ExploreJob,
  type ExplorePage,
  enumerationReport,
  exploreDocument,
  exploreReport,
  pageOfExploration,
  readJob,
  type SearchOutcome,
  verdictOf,
  writeReplayFile,
} from "../explore/index.ts";
import { explorePage } from "../report/index.ts";
import { nearest, parseDuration } from "../scenario/index.ts";
import { defect, quoted, wrongInput } from "./compare-command.ts";
import { outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** Options of `explore` as they come from the command line. */
export interface ExploreOptions {
  readonly strategy: string;
  /** Names of searches with commas between them. */
  readonly search: string;
  readonly bound: string;
  readonly schedules?: string;
  readonly budget?: string;
  readonly depth: string;
  readonly seed: string;
  /** `name` switches a toggle on, `-name` one of the file off. */
  readonly toggle: readonly string[];
  readonly reduction: boolean;
  /** The bug that the file is about, without its fix. */
  readonly broken?: boolean;
  /** Operations per actor: all workloads of that length in place of those of the file. */
  readonly enumerate?: string;
  readonly json?: string;
  /** The file for the counter-example. */
  readonly save?: string;
  /** The file for the page. */
  readonly html?: string;
  readonly quiet?: boolean;
}

type ReadJob = Exclude<ReturnType<typeof readJob>, { readonly problems: readonly string[] }>;

/** Schedules of a search if neither a number nor a time is given, and the time. */
const SCHEDULES_MAX = 1_000_000_000;
const BUDGET = "30s";

interface Settings {
  readonly searches: readonly string[];
  readonly bound: number;
  readonly depth: number;
  readonly schedules: number;
  readonly budgetMs: number | undefined;
  readonly toggles: ExploreJob["toggles"];
  readonly enumerate: number | undefined;
}

/**
 * `pagestorm explore`: looks for an order of steps that violates an invariant. Exit status 1 if there is one, 0 if not,
 * 2 for wrong input.
 */
export async function exploreCommand(
  file: string,
  options: ExploreOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const read = ports.readText(file);
  if ("problem" in read) return wrongInput([`${file}: ${read.problem}`]);
  const problems: string[] = [];
  const settings = readSettings(options, ports, problems);
  const origin = { file, text: read.text, strategy: options.strategy, toggles: settings.toggles };
  const job = readJob(origin, ports.catalogue);
  if ("problems" in job) problems.push(...job.problems);
  problems.push(
    ...outputProblems({ "--json": options.json, "--save": options.save, "--html": options.html }, ports),
  );
  if (options.enumerate !== undefined) {
    for (const option of ["save", "html"] as const)
      if (options[option] !== undefined)
        problems.push(
          `--${option}: found together with --enumerate, which has many workloads; expected one of them`,
        );
  }
  if (problems.length > 0 || "problems" in job) return wrongInput(problems);
  const runner = ports.openExploreRunner(options.quiet ?? false);
  const common = {
    ...origin,
    options: {
      seed: options.seed,
      bound: settings.bound,
      depth: settings.depth,
      reduction: options.reduction,
    },
    schedules: settings.schedules,
    ...(settings.budgetMs === undefined ? {} : { budgetMs: settings.budgetMs }),
  };
  try {
    if (settings.enumerate !== undefined) {
      const job = { ...common, search: "bounded", enumerate: settings.enumerate };
      return presentEnumeration(await runner.enumerate("workloads", job), options);
    }
    const outcomes = await Promise.all(
      settings.searches.map((search) => runner.run(search, { ...common, search })),
    );
    const exploration = explorationOf(file, options, settings, job, outcomes);
    const result = present(exploration, options);
    if (options.html === undefined) return result;
    const text = explorePage(pageOf(exploration, job), ports.reportAssets());
    return { ...result, files: [...result.files, { path: options.html, text }] };
  } catch (error) {
    return defect(
      error,
      `explore ${quoted(file)} --strategy ${quoted(options.strategy)} --seed ${quoted(options.seed)}`,
    );
  } finally {
    runner.close();
  }
}

function explorationOf(
  scenario: string,
  { strategy, seed }: ExploreOptions,
  { toggles, bound }: Settings,
  { scenario: { bug }, variant }: ReadJob,
  searches: readonly SearchOutcome[],
): Exploration {
  const throughFiles = strategies.require(variant.strategy).targets === "file";
  const witness = bug ? { witness: bug.witness } : {};
  return { scenario, strategy, toggles, seed, bound, ...witness, throughFiles, searches };
}

/** The page, with the counter-example run once more to be looked at. */
function pageOf(exploration: Exploration, { scenario, variant }: ReadJob): ExplorePage {
  const example = bestOf(exploration)?.counterExample;
  if (!example) return pageOfExploration(exploration, undefined);
  const { choices, replay, stepsBefore, switchesBefore, provablyShortest } = example;
  const size = `It was found with ${stepsBefore} parts and ${switchesBefore} ${switchesBefore === 1 ? "switch" : "switches"}${provablyShortest ? "; none is shorter" : ""}.`;
  return pageOfExploration(exploration, {
    scenario: withoutParts(scenario, example.without),
    variant,
    choices,
    without: example.without,
    replay,
    size,
  });
}

function present(exploration: Exploration, { json, save, quiet }: ExploreOptions): CommandResult {
  const example = bestOf(exploration)?.counterExample;
  const text = json === undefined ? "" : toJson(exploreDocument(exploration));
  return {
    exitCode: verdictOf(exploration) === "violated" ? 1 : 0,
    stdout: json === "-" ? text : quiet === true ? "" : exploreReport(exploration),
    stderr:
      save !== undefined && !example ? `--save: ${save} was not written: there is no counter-example\n` : "",
    files: [
      ...(json === undefined || json === "-" ? [] : [{ path: json, text }]),
      ...(save === undefined || !example ? [] : [{ path: save, text: writeReplayFile(example) }]),
    ],
  };
}

function presentEnumeration(
  outcome: EnumerationOutcome,
  { strategy, json, quiet }: ExploreOptions,
): CommandResult {
  const { seconds, ...covered } = outcome;
  const document = { schema: "pagestorm/enumeration/1", strategy, ...covered, timing: { seconds } };
  const text = json === undefined ? "" : toJson(document);
  return {
    exitCode: outcome.violations.length > 0 ? 1 : 0,
    stdout: json === "-" ? text : quiet === true ? "" : enumerationReport(strategy, outcome),
    stderr: "",
    files: json === undefined || json === "-" ? [] : [{ path: json, text }],
  };
}

/** All settings, with what is wrong with them. A budget is time or a number of schedules, or both. */
function readSettings(options: ExploreOptions, ports: CliPorts, problems: string[]): Settings {
  const budget = options.budget ?? (options.schedules === undefined ? BUDGET : undefined);
  const budgetNs = budget === undefined ? undefined : parseDuration(budget);
  if (budget !== undefined && !(budgetNs !== undefined && budgetNs > 0))
    problems.push(`--budget: found ${budget}, expected a time above 0 such as 60s`);
  return {
    searches: readSearches(options.search, ports, problems),
    bound: readNumber("--bound", options.bound, 0, 10, problems),
    depth: readNumber("--depth", options.depth, 1, 20, problems),
    schedules:
      options.schedules === undefined
        ? SCHEDULES_MAX
        : readNumber("--schedules", options.schedules, 1, SCHEDULES_MAX, problems),
    budgetMs: budgetNs === undefined ? undefined : budgetNs / 1e6,
    enumerate:
      options.enumerate === undefined
        ? undefined
        : readNumber("--enumerate", options.enumerate, 1, 3, problems),
    toggles: readToggles(options.toggle, options.broken ?? false, problems),
  };
}

function readNumber(option: string, text: string, least: number, most: number, problems: string[]): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  problems.push(`${option}: found ${text}, expected a whole number from ${least} to ${most}`);
  return least;
}

function readSearches(text: string, { catalogue }: CliPorts, problems: string[]): readonly string[] {
  const known = catalogue.searches.names();
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!known.includes(name)) problems.push(unknown("--search", name, known));
  }
  return names;
}

function readToggles(given: readonly string[], broken: boolean, problems: string[]): ExploreJob["toggles"] {
  const known = TOGGLES.map(({ name }) => name);
  const off = given.filter((name) => name.startsWith("-")).map((name) => name.slice(1));
  const on = given.filter((name) => !name.startsWith("-"));
  for (const name of [...on, ...off])
    if (!known.includes(name)) problems.push(unknown("--toggle", name, known));
  return { on, off, broken };
}

function unknown(option: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `${option}: found ${name}, expected one of ${known.join(", ")}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
