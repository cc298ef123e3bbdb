import type { BugSpec, StrategyVariant } from "../../sim/index.ts";
import { bestOf, type Exploration } from "./document.ts";
import type { SearchOutcome, Toggles } from "./job.ts";

/** Schedules of a cell: enough to find again what was found, and a thousand at least. */
const SCHEDULES_LEAST = 1000;
const SCHEDULES_MOST = 20_000;
/** A random search needs some more luck elsewhere. */
const MARGIN = 3;

/** A machine with some of its mechanisms broken, under every strategy. */
export interface MatrixRow {
  readonly name: string;
  readonly toggles: Toggles;
}

/** What is tried to see that it is the fix, and not luck, that helps. */
export interface MatrixPlan {
  readonly search: string;
  /** Schedules of each cell at most. */
  readonly schedules: number;
  readonly rows: readonly MatrixRow[];
  readonly strategies: readonly string[];
}

/** One machine under one strategy. Plain data. */
export interface MatrixCell {
  readonly strategy: string;
  /** `safe` is said of all schedules within the bound; undefined: the scenario cannot be run so. */
  readonly verdict: "violated" | "safe" | "not violated" | undefined;
  readonly schedules: number;
}

/** Toggle by strategy. Plain data. */
export interface FixMatrix {
  readonly search: string;
  readonly schedules: number;
  readonly rows: readonly { readonly name: string; readonly cells: readonly MatrixCell[] }[];
}

/**
 * What to try once a counter-example is there: the search that found it, with each of the toggles by itself, all of them
 * and none, under every strategy that the scenario names; undefined if nothing was found.
 */
export function planMatrix(
  exploration: Exploration,
  bug: BugSpec | undefined,
  variants: readonly StrategyVariant[],
): MatrixPlan | undefined {
  const best = bestOf(exploration);
  if (best?.schedulesToFirst === undefined) return undefined;
  const enough = Math.max(SCHEDULES_LEAST, MARGIN * best.schedulesToFirst);
  const { strategy, toggles } = exploration;
  const others = variants.map(({ name }) => name).filter((name) => name !== strategy);
  return {
    search: best.search,
    schedules: Math.min(SCHEDULES_MOST, enough),
    rows: rowsOf(toggles, bug),
    strategies: [strategy, ...others],
  };
}

/** Each thing that is broken alone, all of them, and none. */
function rowsOf({ on, off, broken }: Toggles, bug: BugSpec | undefined): readonly MatrixRow[] {
  const taken = broken ? (bug?.fix.off ?? []) : [];
  const added = broken ? (bug?.fix.on ?? []) : [];
  const base: Toggles = { on: [], off: [], broken: false };
  const each: readonly MatrixRow[] = [
    ...[...taken, ...on].map((name) => ({ name, toggles: { ...base, on: [name] } })),
    ...[...added, ...off].map((name) => ({ name: `without ${name}`, toggles: { ...base, off: [name] } })),
  ];
  const all = { name: "all of them", toggles: { on, off, broken } };
  const none = { name: each.length === 0 ? "as the file is" : "none of them", toggles: base };
  return [...each, ...(each.length > 1 ? [all] : []), none];
}

/** A cell, of what its search came to; undefined if it could not be run. */
export function cellOf(strategy: string, outcome: SearchOutcome | undefined): MatrixCell {
  if (!outcome) return { strategy, verdict: undefined, schedules: 0 };
  const { exhaustive, explored, schedulesToFirst } = outcome;
  if (schedulesToFirst !== undefined) return { strategy, verdict: "violated", schedules: schedulesToFirst };
  const isComplete = exhaustive && explored.complete;
  return { strategy, verdict: isComplete ? "safe" : "not violated", schedules: explored.schedules };
}

/** The matrix as a table, under a head. */
export function matrixTable({ rows }: FixMatrix): readonly (readonly string[])[] {
  const head = ["broken", ...(rows[0]?.cells.map(({ strategy }) => strategy) ?? [])];
  return [head, ...rows.map(({ name, cells }) => [name, ...cells.map(cellText)])];
}

function cellText({ verdict, schedules }: MatrixCell): string {
  switch (verdict) {
    case "violated":
      return `violated, schedule ${schedules}`;
    case "safe":
      return `safe, all ${schedules}`;
    case "not violated":
      return `none in ${schedules}`;
    default:
      return "-";
  }
}
