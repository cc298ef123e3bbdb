import type { BugSpec, StrategyVariant } from "../../sim/index.ts";
import { bestOf, type Exploration, type ExplorationVerdict, verdictOf } from "./document.ts";
import type { StopReason, Toggles } from "./job.ts";

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
  /** Undefined: the scenario cannot be run so. */
  readonly verdict: ExplorationVerdict | undefined;
  readonly schedules: number;
  readonly stopped?: StopReason;
}

/** Toggle by strategy. Plain data. */
export interface FixMatrix {
  readonly search: string;
  readonly schedules: number;
  readonly rows: readonly { readonly name: string; readonly cells: readonly MatrixCell[] }[];
}

/**
 * What to try once a counter-example is there: the search that found it, with each of the toggles by itself, all of them
 * and none, under every strategy that the scenario names; undefined if nothing was found. `schedulesMost`: of a cell, if
 * somebody has set a limit.
 */
export function planMatrix(
  exploration: Exploration,
  bug: BugSpec | undefined,
  variants: readonly StrategyVariant[],
  schedulesMost: number = SCHEDULES_MOST,
): MatrixPlan | undefined {
  const best = bestOf(exploration);
  if (best?.schedulesToFirst === undefined) return undefined;
  const enough = Math.max(SCHEDULES_LEAST, MARGIN * best.schedulesToFirst);
  const { strategy, toggles } = exploration;
  const others = variants.map(({ name }) => name).filter((name) => name !== strategy);
  return {
    search: best.search,
    schedules: Math.min(SCHEDULES_MOST, schedulesMost, enough),
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

/** A cell, of its one search; without any it could not be run. */
export function cellOf(exploration: Exploration): MatrixCell {
  const { strategy, searches } = exploration;
  const [outcome] = searches;
  if (!outcome) return { strategy, verdict: undefined, schedules: 0 };
  const { schedulesToFirst, explored, stopped } = outcome;
  return {
    strategy,
    verdict: verdictOf(exploration),
    schedules: schedulesToFirst ?? explored.schedules,
    ...(stopped === undefined ? {} : { stopped }),
  };
}

/** The matrix as a table, under a head. */
export function matrixTable({ rows }: FixMatrix): readonly (readonly string[])[] {
  const head = ["broken", ...(rows[0]?.cells.map(({ strategy }) => strategy) ?? [])];
  return [head, ...rows.map(({ name, cells }) => [name, ...cells.map(cellText)])];
}

function cellText({ verdict, schedules, stopped }: MatrixCell): string {
  const end = stopped === undefined ? "" : ", stopped";
  switch (verdict) {
    case "violated":
      return `violated, schedule ${schedules}`;
    case "safe":
      return `safe, all ${schedules}`;
    case "not violated":
      return `none in ${schedules}${end}`;
    case "inconclusive":
      return `no witness in ${schedules}${end}`;
    default:
      return "-";
  }
}
