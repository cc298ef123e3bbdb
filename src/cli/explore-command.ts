import { countWorkloads, type Scenario, strategies, without as withoutParts } from "../../sim/index.ts";
import {
  bestOf,
  cellOf,
  type EnumerationOutcome,
  type Exploration,
  type ExploreJob,
  type ExplorePage,
  enumerationReport,
  exploreDocument,
  exploreReport,
  type MatrixCell,
  noTraces,
  pageOfExploration,
  planMatrix,
  readJob,
  type SearchOutcome,
  type Toggles,
  verdictOf,
  writeReplayFile,
} from "../explore/index.ts";
import { explorePage, formatMany } from "../report/index.ts";
import { parseScenario } from "../scenario/index.ts";
import { wrongInput } from "./compare-command.ts";
import { type ExploreOptions, type ExploreSettings, readSettings } from "./explore-settings.ts";
import { jsonOutput, outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult, ExploreRunner } from "./ports.ts";

type ReadJob = Exclude<ReturnType<typeof readJob>, { readonly problems: readonly string[] }>;

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
  problems.push(
    ...("problems" in job ? job.problems : scenarioProblems(options, job.scenario)),
    ...outputProblems({ "--json": options.json, "--save": options.save, "--html": options.html }, ports, [
      file,
    ]),
    ...enumerationProblems(options),
  );
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
    ...(settings.budgetMs === undefined ? {} : { budgetMs: settings.budgetMs }),
  };
  try {
    if (settings.enumerate !== undefined) {
      const each = settings.schedules === undefined ? {} : { schedules: settings.schedules };
      const jobs = { ...common, ...each, enumerate: settings.enumerate };
      return presentEnumeration(file, await runner.enumerate("workloads", jobs), settings, options);
    }
    const schedules = settings.schedules ?? Number.MAX_SAFE_INTEGER;
    // With a number of schedules everything repeats, so nobody may be stopped by chance.
    const stopsOthers = settings.schedules === undefined;
    const outcomes = await Promise.all(
      settings.searches.map((search) => runner.run(search, { ...common, search, schedules, stopsOthers })),
    );
    const found = explorationOf(file, options, settings, job, outcomes);
    const exploration = options.matrix
      ? await withMatrix(found, job, common, settings, runner, ports)
      : found;
    const result = present(exploration, options, ports);
    if (options.html === undefined) return result;
    const text = explorePage(pageOf(exploration, job), ports.reportAssets());
    return { ...result, files: [...result.files, { path: options.html, text }] };
  } finally {
    runner.close();
  }
}

/** Tries what was found with other things broken, and under the other strategies of the file. */
async function withMatrix(
  exploration: Exploration,
  { scenario }: ReadJob,
  common: Omit<ExploreJob, "search" | "schedules">,
  { schedules: limit, budgetMs }: ExploreSettings,
  runner: ExploreRunner,
  { catalogue }: CliPorts,
): Promise<Exploration> {
  const { file, text } = common;
  if (exploration.searches.some(({ stopped }) => stopped === "interrupted")) return exploration;
  const named = parseScenario({ file, text, catalogue, readTrace: noTraces }).scenario?.strategies ?? [];
  const plan = planMatrix(exploration, scenario.bug, named, limit);
  if (!plan) return exploration;
  const { search, schedules, strategies: names } = plan;
  // All cells together get the time that a search got.
  const time = budgetMs === undefined ? {} : { budgetMs: budgetMs / (plan.rows.length * names.length) };
  const cell = async (name: string, strategy: string, toggles: Toggles): Promise<MatrixCell> => {
    const job = { ...common, ...time, strategy, toggles, search, schedules, describes: false };
    const asked = readJob(job, catalogue);
    if ("problems" in asked) return cellOf({ ...exploration, strategy, searches: [] });
    const searches = [await runner.run(`${name} under ${strategy}`, job)];
    return cellOf({ ...exploration, strategy, throughFiles: isThroughFiles(asked), searches });
  };
  const rows = plan.rows.map(async ({ name, toggles }) => ({
    name,
    cells: await Promise.all(names.map((strategy) => cell(name, strategy, toggles))),
  }));
  return { ...exploration, matrix: { search, schedules, rows: await Promise.all(rows) } };
}

/** What is asked of a file that it cannot give. */
function scenarioProblems({ broken, enumerate }: ExploreOptions, scenario: Scenario): readonly string[] {
  const problems: string[] = [];
  if (broken && !scenario.bug)
    problems.push("--broken: found a scenario without bug:, expected one of a known bug");
  if (enumerate !== undefined && countWorkloads(scenario, 1) === 0)
    problems.push(
      "--enumerate: found nothing to enumerate, expected a task with a script, and swap in a file",
    );
  return problems;
}

/** What does not go together with `--enumerate`. */
function enumerationProblems({ enumerate, search, save, html }: ExploreOptions): readonly string[] {
  if (enumerate === undefined) return [];
  const many = Object.entries({ "--save": save, "--html": html })
    .filter(([, path]) => path !== undefined)
    .map(
      ([option]) =>
        `${option}: found together with --enumerate, which has many workloads; expected one of them`,
    );
  return search === undefined
    ? many
    : [
        ...many,
        "--search: found together with --enumerate, which always searches bounded; expected one of them",
      ];
}

function explorationOf(
  scenario: string,
  { strategy, seed }: ExploreOptions,
  { toggles, bound }: ExploreSettings,
  job: ReadJob,
  searches: readonly SearchOutcome[],
): Exploration {
  const { bug } = job.scenario;
  const witness = bug ? { witness: bug.witness } : {};
  return {
    scenario,
    strategy,
    toggles,
    seed,
    bound,
    ...witness,
    throughFiles: isThroughFiles(job),
    searches,
  };
}

function isThroughFiles({ variant }: ReadJob): boolean {
  return strategies.require(variant.strategy).targets === "file";
}

/** The page, with the counter-example run once more to be looked at. */
function pageOf(exploration: Exploration, { scenario, variant }: ReadJob): ExplorePage {
  const example = bestOf(exploration)?.counterExample;
  if (!example) return pageOfExploration(exploration, undefined);
  const { choices, replay, stepsBefore, switchesBefore, provablyShortest } = example;
  const size = `It was found with ${formatMany(stepsBefore, "part")} and ${formatMany(switchesBefore, "switch", "switches")}${provablyShortest ? "; none is shorter" : ""}.`;
  return pageOfExploration(exploration, {
    scenario: withoutParts(scenario, example.without),
    variant,
    choices,
    without: example.without,
    replay,
    size,
  });
}

function present(exploration: Exploration, options: ExploreOptions, { paths }: CliPorts): CommandResult {
  const { save } = options;
  const example = bestOf(exploration)?.counterExample;
  const output = jsonOutput(
    options,
    () => exploreDocument(exploration),
    () => exploreReport(exploration),
  );
  return {
    exitCode: verdictOf(exploration) === "violated" ? 1 : 0,
    stdout: output.stdout,
    stderr:
      save !== undefined && !example ? `--save: ${save} was not written: there is no counter-example\n` : "",
    files: [
      ...output.files,
      ...(save === undefined || !example
        ? []
        : [{ path: save, text: writeReplayFile(example, paths.nameIn(save, example.scenario)) }]),
    ],
  };
}

function presentEnumeration(
  scenario: string,
  outcome: EnumerationOutcome,
  { toggles, bound }: ExploreSettings,
  options: ExploreOptions,
): CommandResult {
  const { strategy, seed } = options;
  const { seconds, ...covered } = outcome;
  const document = {
    schema: "pagestorm/enumeration/1",
    ...{ scenario, strategy, toggles, seed, bound },
    ...covered,
    timing: { seconds },
  };
  return {
    exitCode: outcome.violations.length > 0 ? 1 : 0,
    stderr: "",
    ...jsonOutput(
      options,
      () => document,
      () => enumerationReport(strategy, outcome),
    ),
  };
}
