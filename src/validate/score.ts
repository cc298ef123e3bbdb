import type { Counters, Measurement, PhaseName } from "./measurements.ts";
import { SPREAD } from "./spread.ts";

/*
 * How far simulated counters are from measured ones: the one definition of the error that counts.
 *
 * error = |simulated - measured| / max(measured, 100), for class B also not under 5 % of the phase's traffic: a side
 * effect of 40 pages in 40,000 is no error of 100 %. A pair in which both are under 100 is left out. An error that is
 * not larger than the real machine's own spread counts as 0.
 */

/** What programs notice: major faults and pages moved. */
export const CLASS_A: readonly string[] = ["pgmajfault", "pswpin", "pswpout"];
/** How the kernel got there. */
export const CLASS_B: readonly string[] = [
  "pgscan_anon",
  "pgsteal_anon",
  "pgscan_file",
  "pgsteal_file",
  "pgscan_kswapd",
  "pgsteal_kswapd",
  "pgactivate",
  "pgdeactivate",
  "pgrotated",
  "workingset_refault_anon",
  "workingset_refault_file",
  "swap_ra",
  "swap_ra_hit",
  "blk.rd_ios",
  "blk.rd_merges",
  "blk.wr_ios",
  "blk.wr_merges",
  "wl.majflt",
  "wl.minflt",
];
export const JUDGED: readonly string[] = [...CLASS_A, ...CLASS_B];

/** The first fill is judged by these only. */
const JUDGED_IN_INIT: ReadonlySet<string> = new Set(["pswpout", "pgscan_anon", "pgsteal_anon"]);
/** Below this, nothing happened. */
const LEAST = 100;
/** A counter of which the real machine's own runs differ more than this is not judged. */
const SPREAD_MAX = 0.3;
/** Share of the phase's traffic below which a difference of class B is no error of its own. */
const TRAFFIC_SHARE = 0.05;

/** One phase of one row, simulated and measured. */
export interface ScoredPhase {
  readonly id: string;
  readonly phase: PhaseName;
  readonly mode: string;
  readonly lru: string;
  readonly backend: string;
  /** Undefined: there is no answer, which is an error of 100 % in every counter. */
  readonly simulated: Counters | undefined;
  /** Counters of the measurement that is compared. */
  readonly measured: Counters;
}

/** One counter of one phase. */
export interface Pair {
  readonly error: number;
  readonly id: string;
  readonly phase: PhaseName;
  readonly simulated: number;
  readonly measured: number;
}

const of = (counters: Counters | undefined, name: string): number => counters?.[name] ?? 0;

/** The group whose machines and policy are alike. */
export function groupOf({ mode, lru }: { readonly mode: string; readonly lru: string }): string {
  return `${mode} ${lru}`;
}

/**
 * The measurement of a phase that is nearest in class A and pages scanned: some rows take one of several courses,
 * chosen by chance.
 */
export function nearest(
  simulated: Counters | undefined,
  measurements: readonly Measurement[],
  phase: PhaseName,
): Counters | undefined {
  let best: { readonly counters: Counters; readonly distance: number } | undefined;
  for (const measurement of measurements) {
    const counters = measurement.get(phase);
    if (!counters) continue;
    const distance = distanceOf(simulated, counters);
    if (!best || distance < best.distance) best = { counters, distance };
  }
  return best?.counters;
}

function distanceOf(simulated: Counters | undefined, measured: Counters): number {
  return [...CLASS_A, "pgscan_anon"].reduce((sum, name) => {
    const real = of(measured, name);
    return sum + Math.abs(of(simulated, name) - real) / Math.max(real, LEAST);
  }, 0);
}

/** Whether a counter of a phase is compared at all. */
export function isJudged(counter: string, phase: PhaseName, group: string): boolean {
  if (phase === "init" && !JUDGED_IN_INIT.has(counter)) return false;
  if (group.endsWith(" mglru") && counter.startsWith("workingset_")) return false;
  return of(SPREAD[group], counter) <= SPREAD_MAX;
}

/** The error of one counter; undefined if it is not judged or nothing happened. */
export function errorOf(counter: string, scored: ScoredPhase): number | undefined {
  const { phase, simulated, measured } = scored;
  const group = groupOf(scored);
  if (!isJudged(counter, phase, group)) return undefined;
  const real = of(measured, counter);
  const got = of(simulated, counter);
  if (Math.max(real, got) < LEAST) return undefined;
  if (!simulated) return 1;
  const floor = CLASS_A.includes(counter) ? 0 : TRAFFIC_SHARE * trafficOf(measured);
  const error = Math.abs(got - real) / Math.max(real, LEAST, floor);
  return error <= (SPREAD[group]?.[counter] ?? -1) ? 0 : error;
}

/** The larger of pages scanned and pages moved, as measured. */
function trafficOf(measured: Counters): number {
  return Math.max(
    of(measured, "pgscan_anon") + of(measured, "pgscan_file"),
    of(measured, "pswpin") + of(measured, "pswpout"),
  );
}

/** The errors of one counter in one group of rows. */
export interface CounterScore {
  readonly counter: string;
  readonly class: "A" | "B";
  readonly pairs: number;
  readonly median: number;
  readonly p90: number;
  readonly worst: Pair;
  /** Inside the bounds of its class. */
  readonly good: boolean;
}

export interface GroupScore {
  readonly group: string;
  readonly kind: "all" | "mode and LRU" | "backend";
  readonly counters: readonly CounterScore[];
}

/** Bounds of median and 90th percentile. Within a mode and LRU class A may be off by more. */
const BOUNDS = { all: [0.01, 0.06], group: [0.03, 0.12], B: [0.05, 0.2] } as const;
/** Groups of fewer pairs are held to the bounds of all. */
const PAIRS_LEAST = 10;

/** The whole table: all rows, then each mode and LRU, then each backend. */
export function scoreAll(phases: readonly ScoredPhase[]): readonly GroupScore[] {
  const groups = new Map<string, { kind: GroupScore["kind"]; phases: ScoredPhase[] }>();
  const put = (name: string, kind: GroupScore["kind"], phase: ScoredPhase): void => {
    const group = groups.get(name) ?? { kind, phases: [] };
    groups.set(name, group);
    group.phases.push(phase);
  };
  for (const phase of phases) {
    put("all", "all", phase);
    put(groupOf(phase), "mode and LRU", phase);
    put(phase.backend.split(" ")[0]!, "backend", phase);
  }
  const kinds: readonly GroupScore["kind"][] = ["all", "mode and LRU", "backend"];
  return kinds.flatMap((kind) =>
    [...groups]
      .filter(([, group]) => group.kind === kind)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, members]) => ({ group, kind, counters: scoreGroup(members.phases, kind) })),
  );
}

function scoreGroup(phases: readonly ScoredPhase[], kind: GroupScore["kind"]): readonly CounterScore[] {
  return JUDGED.flatMap((counter) => {
    const pairs = phases.flatMap((scored): Pair[] => {
      const error = errorOf(counter, scored);
      const { id, phase, simulated, measured } = scored;
      if (error === undefined) return [];
      return [{ error, id, phase, simulated: of(simulated, counter), measured: of(measured, counter) }];
    });
    return pairs.length === 0 ? [] : [scoreCounter(counter, pairs, kind)];
  });
}

function scoreCounter(counter: string, pairs: readonly Pair[], kind: GroupScore["kind"]): CounterScore {
  const errors = pairs.map(({ error }) => error).sort((a, b) => a - b);
  const isA = CLASS_A.includes(counter);
  const lenient = kind === "mode and LRU" && pairs.length >= PAIRS_LEAST;
  const [medianMax, p90Max] = isA ? (lenient ? BOUNDS.group : BOUNDS.all) : BOUNDS.B;
  const median = medianOf(errors);
  const p90 = percentile90(errors);
  return {
    counter,
    class: isA ? "A" : "B",
    pairs: pairs.length,
    median,
    p90,
    worst: pairs.reduce((worst, pair) => (isWorse(pair, worst) ? pair : worst)),
    good: median <= medianMax && p90 <= p90Max,
  };
}

/** Equal errors go by name, so that the answer does not depend on the order of the rows. */
function isWorse(a: Pair, b: Pair): boolean {
  if (a.error !== b.error) return a.error > b.error;
  return a.id === b.id ? a.phase > b.phase : a.id > b.id;
}

/** Median of ascending numbers: the mean of the two in the middle if their number is even. */
export function medianOf(ascending: readonly number[]): number {
  const middle = Math.floor(ascending.length / 2);
  if (ascending.length % 2 === 1) return ascending[middle]!;
  return (ascending[middle - 1]! + ascending[middle]!) / 2;
}

/** The number that nine tenths of the ascending numbers do not exceed. */
export function percentile90(ascending: readonly number[]): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(0.9 * ascending.length))]!;
}

/** Rows that may be skipped, as a share, for the model to count as good. */
const SKIPPED_MAX = 0.05;

/** Whether the model as a whole is within its bounds. */
export function isWithinBounds(
  groups: readonly GroupScore[],
  rows: { readonly all: number; readonly skipped: number; readonly unanswered: number },
): boolean {
  const decides = (kind: GroupScore["kind"], { class: kindOf, pairs }: CounterScore): boolean =>
    kind === "all" || (kind === "mode and LRU" && kindOf === "A" && pairs >= PAIRS_LEAST);
  const good = groups.every(({ kind, counters }) =>
    counters.every((counter) => counter.good || !decides(kind, counter)),
  );
  return good && rows.unanswered === 0 && rows.skipped <= SKIPPED_MAX * rows.all;
}
