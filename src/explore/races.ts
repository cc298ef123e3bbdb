import {
  type Execution,
  explore,
  preemptionsOf,
  type Scenario,
  type Search,
  type StrategyVariant,
  searches,
  shrink,
  tell,
} from "../../sim/index.ts";
import { type Catalogue, formatProblem, parseScenario, withFix } from "../scenario/index.ts";
import { noTraces } from "./job.ts";

/** A known bug that needs a race, and how long to look for it. */
export interface RaceFile {
  readonly file: string;
  readonly text: string;
  /** Has no rows unless an order of steps shows the bug: a search has nothing to look for in the others. */
  readonly onlyScheduled: boolean;
  /** Of searches that draw at random. */
  readonly seeds: readonly string[];
  /** Schedules of one search at most. */
  readonly schedulesMax: number;
}

/** Rows of an interleaving, and preemptions in it. */
interface Size {
  readonly rows: number;
  readonly switches: number;
}

/** What it took to find a bug under one strategy. Plain data. */
export interface RaceRow {
  readonly bug: string;
  readonly title: string;
  readonly strategy: string;
  /** Median schedules up to the first violation, by search; undefined: more than half of the seeds found nothing. */
  readonly toFirst: Readonly<Record<string, number | undefined>>;
  /** Of the example that the first search by priorities finds: as found, and shrunk. */
  readonly found: Size | undefined;
  readonly shrunk: Size | undefined;
  /** With the fix on all schedules with two preemptions, none of which violates anything; undefined: there are too many. */
  readonly held: number | undefined;
}

/** The search whose first example is shrunk: most bugs are a matter of priorities. */
const SHOWN = "pct";
/** Preemptions that all schedules with the fix on may have. */
const BOUND = 2;
/** Of them, so many at most. */
const SCHEDULES_HELD = 50_000;

/** The searches of the table, those that come to an end first. */
function listed(): readonly Search[] {
  return searches.entries().filter(({ name }) => name !== "round-robin");
}

/** Looks for a bug with every search and seed, fix off, and through all schedules, fix on. Throws if the file is none. */
export function measureRace(race: RaceFile, catalogue: Catalogue): readonly RaceRow[] {
  const { file, text } = race;
  const { scenario, problems } = parseScenario({ file, text, catalogue, readTrace: noTraces });
  if (!scenario) throw new Error(problems.map((problem) => formatProblem(problem)).join("\n"));
  const { bug } = scenario;
  if (!bug) throw new Error(`${file}: found no bug:, expected a scenario of a known bug`);
  if (race.onlyScheduled && !bug.schedule) return [];
  const broken = withFix(scenario, "off");
  return scenario.strategies.map((variant) => ({
    bug: bug.id,
    title: scenario.name,
    strategy: variant.name,
    toFirst: Object.fromEntries(
      listed().map((search) => [search.name, medianToFirst(race, broken, variant, search)]),
    ),
    ...sizes(race, broken, variant),
    held: heldIn(withFix(scenario, "on"), variant),
  }));
}

function medianToFirst(
  { seeds, schedulesMax }: RaceFile,
  scenario: Scenario,
  variant: StrategyVariant,
  search: Search,
): number | undefined {
  const used = search.exhaustive ? seeds.slice(0, 1) : seeds;
  const middle = Math.floor((used.length - 1) / 2);
  const counts: number[] = [];
  for (const [tried, seed] of used.entries()) {
    const { violation } = explore(scenario, variant, search, { seed, schedules: schedulesMax });
    if (violation) counts.push(violation.schedulesToFirst);
    // However the others end, the median is not among those that found it.
    if (counts.length + used.length - tried - 1 <= middle) return undefined;
  }
  return counts.toSorted((a, b) => a - b)[middle];
}

function sizes(
  { seeds, schedulesMax }: RaceFile,
  scenario: Scenario,
  variant: StrategyVariant,
): Pick<RaceRow, "found" | "shrunk"> {
  const { violation } = explore(scenario, variant, searches.require(SHOWN), {
    seed: seeds[0]!,
    schedules: schedulesMax,
  });
  if (!violation) return { found: undefined, shrunk: undefined };
  const sizeOf = (machine: Scenario, execution: Execution): Size => ({
    rows: tell(machine, variant, execution.choices).rows.length,
    switches: preemptionsOf(execution),
  });
  const small = shrink(scenario, variant, violation.execution);
  return {
    found: sizeOf(scenario, violation.execution),
    shrunk: sizeOf(small.scenario, small.execution),
  };
}

/** Throws if the fix does not hold: a page that shows it as one more dash would hide it. */
function heldIn(scenario: Scenario, variant: StrategyVariant): number | undefined {
  const { complete, violation, schedules } = explore(scenario, variant, searches.require("bounded"), {
    bound: BOUND,
    schedules: SCHEDULES_HELD,
  });
  if (violation) {
    const { invariant, what } = violation;
    throw new Error(
      `${scenario.name} under ${variant.name}, fix on: found ${invariant} violated (${what}), expected that it holds`,
    );
  }
  return complete ? schedules : undefined;
}

/** The page of docs/races.md. */
export function racesPage(
  rows: readonly RaceRow[],
  { seeds, schedulesMax }: Pick<RaceFile, "seeds" | "schedulesMax">,
): string {
  const names = listed().map(({ name }) => name);
  const head = ["bug", "strategy", ...names, "found", "shrunk", "fix on"];
  const lines = rows.map((row) => [
    `${row.bug} ${row.title}`,
    row.strategy,
    ...names.map((name) => String(row.toFirst[name] ?? "–")),
    sizeText(row.found),
    sizeText(row.shrunk),
    String(row.held ?? "–"),
  ]);
  const table = [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  return `${INTRODUCTION}
Searches that draw at random have ${seeds.length} seeds, of which the median is told; "–" stands for more than
${schedulesMax} schedules. *found* and *shrunk* are rows of the interleaving / preemptions, of the first example of \`${SHOWN}\`.
*fix on* is the number of schedules with at most ${BOUND} preemptions, none of which violates anything (bounded, complete; "–":
more than ${SCHEDULES_HELD}).

${table.join("\n")}
`;
}

function sizeText(size: Size | undefined): string {
  return size ? `${size.rows} / ${size.switches}` : "–";
}

const INTRODUCTION = `# Known races, and what it takes to find them

Written by \`npm run races\` from the scenarios of \`workloads/explore\`, and of \`workloads/bugs\` those with a \`schedule:\`:
schedules up to the first that violates an invariant of the bug, with its fix off, by search. Nobody tells a search
where to look; with its fix off each machine holds when time decides (\`pagestorm run\`) and when everybody steps in turn
(\`--search round-robin\`).
`;
