import type { ExploreJob } from "../explore/index.ts";
import { foundAndExpected, nearest, oneOf, parseDuration, unknownToggle } from "../scenario/index.ts";
import { readNumber } from "./numbers.ts";
import type { CliPorts } from "./ports.ts";

/** Options of `explore` as they come from the command line. */
export interface ExploreOptions {
  readonly strategy: string;
  /** Names of searches with commas between them; left out: `DEFAULT_SEARCHES`. */
  readonly search?: string;
  readonly bound: string;
  readonly schedules?: string;
  readonly budget?: string;
  readonly depth: string;
  readonly seed: string;
  /** Names with commas between them: `name` switches a toggle on, `-name` one of the file off. */
  readonly toggle: readonly string[];
  readonly reduction: boolean;
  /** The bug that the file is about, without its fix. */
  readonly broken?: boolean;
  /** Operations per actor: all workloads of that length in place of those of the file. */
  readonly enumerate?: string;
  /** What was found is tried with other things broken and under the other strategies. */
  readonly matrix: boolean;
  readonly json?: string;
  /** The file for the counter-example. */
  readonly save?: string;
  /** The file for the page. */
  readonly html?: string;
  readonly quiet?: boolean;
}

/** The searches that find most; dpor, which may take long, is asked for by name. */
export const DEFAULT_SEARCHES = "bounded,pct,coverage,random";

/** Time of a search if neither a number of schedules nor a time is given. */
const BUDGET = "30s";
const SCHEDULES_MAX = 1_000_000_000;

/** The options, read. */
export interface ExploreSettings {
  readonly searches: readonly string[];
  readonly bound: number;
  readonly depth: number;
  /** Of each search; undefined: as many as there is time for. */
  readonly schedules: number | undefined;
  readonly budgetMs: number | undefined;
  readonly toggles: ExploreJob["toggles"];
  readonly enumerate: number | undefined;
}

/** All settings; what is wrong with them is added to the problems. A budget is time or a number of schedules, or both. */
export function readSettings(options: ExploreOptions, ports: CliPorts, problems: string[]): ExploreSettings {
  const number = (option: string, text: string, least: number, most: number): number =>
    readNumber(option, text, { least, most }, problems);
  const { schedules, enumerate } = options;
  return {
    searches: readSearches(options.search ?? DEFAULT_SEARCHES, ports, problems),
    bound: number("--bound", options.bound, 0, 10),
    depth: number("--depth", options.depth, 1, 20),
    schedules: schedules === undefined ? undefined : number("--schedules", schedules, 1, SCHEDULES_MAX),
    budgetMs: readBudget(options, problems),
    enumerate: enumerate === undefined ? undefined : number("--enumerate", enumerate, 1, 3),
    toggles: readToggles(options, ports, problems),
  };
}

function readBudget({ budget, schedules }: ExploreOptions, problems: string[]): number | undefined {
  const text = budget ?? (schedules === undefined ? BUDGET : undefined);
  if (text === undefined) return undefined;
  const nanoseconds = parseDuration(text) ?? 0;
  if (nanoseconds > 0) return nanoseconds / 1e6;
  problems.push(`--budget: found ${text}, expected a time above 0 such as 60s`);
  return undefined;
}

function readSearches(text: string, { catalogue }: CliPorts, problems: string[]): readonly string[] {
  const known = catalogue.searches.names();
  const names = namesIn(text);
  for (const name of names) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    problems.push(`--search: ${foundAndExpected(name, oneOf(known, meant), meant)}`);
  }
  return [...new Set(names)];
}

function readToggles(
  { toggle, broken = false }: ExploreOptions,
  { catalogue }: CliPorts,
  problems: string[],
): ExploreJob["toggles"] {
  const names = toggle.flatMap(namesIn);
  const off = names.filter((name) => name.startsWith("-")).map((name) => name.slice(1));
  const on = names.filter((name) => !name.startsWith("-"));
  for (const name of [...on, ...off]) {
    const problem = unknownToggle("--toggle", name, catalogue);
    if (problem !== undefined) problems.push(problem);
  }
  return { on, off, broken };
}

const namesIn = (list: string): readonly string[] => list.split(",").map((name) => name.trim());
