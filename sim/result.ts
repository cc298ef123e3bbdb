import type { Breach } from "./breaches.ts";
import type { EngineOutcome, Instant, Pages, TimeSlice } from "./engine/index.ts";
import type { DiskLayout, Skipped, SpaceReport } from "./fs/index.ts";
import type { Violation, ViolationTotals } from "./oracle/index.ts";

/** Verdicts, strongest first. */
export const VERDICTS = [
  "corrupt",
  "deadlocked",
  "out-of-memory",
  "refused",
  "inconclusive",
  "correct",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The answer of a step whose time, or whose condition, never came. */
export const NOT_BEGUN = "not begun";

/** What one timeline step did. */
export interface OperationReport {
  readonly id: string;
  readonly do: string;
  readonly at: Instant;
  /** Null if the machine stopped before it ended. */
  readonly endedAt: Instant | null;
  /** "ok", an errno, or "running" if the machine stopped, or lost its power, before it ended; "not begun" before it began. */
  readonly result: string;
  readonly achieved: string;
  readonly skipped: readonly Skipped[];
  /** Kernel log lines of the time in which it ran, at most the first hundred. */
  readonly log: readonly string[];
  /** What was found of the step's `log` and `state`; left out if it did not end. */
  readonly observed?: readonly Observation[];
}

/** Something the scenario says about the end of a step, and what came. */
export interface Observation extends ExpectationResult {
  readonly got: string;
}

export interface FaultLatency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Pressure stall information as /proc/pressure/memory: averages in percent, total in ns. */
export interface PsiLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: number;
}

/** The evidence a green verdict rests on. */
export interface Witnesses {
  readonly pagesSwappedOut: number;
  readonly pagesSwappedIn: number;
  readonly pagesReclaimed: number;
  /** Live slots that an operation moved, shared, was refused for or skipped. */
  readonly slotsRelocated: number;
  /** Those of them that were read back afterwards. */
  readonly slotsReadBackAfterwards: number;
  /** What happened to them, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Space over the run, bytes unless said otherwise. */
export interface SpaceResult {
  readonly before: SpaceReport;
  readonly after: SpaceReport;
  readonly swapFileExtentsBefore: number;
  readonly swapFileExtentsAfter: number;
  /** Share of the swap files, 0 to 1, that lies elsewhere at the end; null if there were none at the start. */
  readonly swapFileMoved: number | null;
  /** Share of their slots that swap would write to blocks which are theirs no longer; null if none was in use at the end. */
  readonly swapFileStale: number | null;
  /** Bytes allocated beyond what was allocated at the start, at most during the run. */
  readonly extraPeak: number;
}

/** Faults that ended between two samples, by how long they took. */
export interface LatencySeries {
  /** Upper edge of each class, ascending, ns. */
  readonly upToNs: readonly number[];
  /** For each sample: the faults of each class since the sample before. */
  readonly counts: readonly (readonly number[])[];
}

/**
 * Who has which part of a device. One letter for each cell of `blocksPerCell` blocks: s swap file, d other data,
 * m metadata, p pinned until the commit, r reserved, f free in a chunk, u unallocated.
 */
export interface DiskMap {
  readonly at: Instant;
  readonly device: string;
  readonly blocksPerCell: Pages;
  readonly cells: string;
}

/** How a run went over time, in columns: entry i of each list belongs to instant `at[i]`. */
export interface Recording {
  readonly at: readonly Instant[];
  readonly gauges: Readonly<Record<"freePages" | "residentPages" | "swapUsedPages", readonly Pages[]>>;
  /** Totals since the start, under their vmstat names; stalls as /proc/pressure/memory counts them. */
  readonly totals: Readonly<
    Record<"pswpin" | "pswpout" | "pgmajfault" | "stalledSomeNs" | "stalledFullNs", readonly number[]>
  >;
  readonly latency: LatencySeries;
  /** Maps of the filesystem's devices, oldest first. */
  readonly disk: readonly DiskMap[];
  /** Block groups and files at the start, when somebody asked for them, and at the end. */
  readonly layouts: readonly (DiskLayout & { readonly at: Instant })[];
}

/** Where the time of faults went that could wait (those that found a free page at once or read nothing are left out). */
export interface FaultTime {
  readonly faults: number;
  /** Largest first. */
  readonly slices: readonly TimeSlice[];
}

/** The outcome of one machine with one strategy variant: everything a report needs. */
export interface StrategyResult {
  readonly name: string;
  readonly strategy: string;
  readonly verdict: Verdict;
  /** One sentence: why this verdict. */
  readonly reason: string;
  readonly outcome: EngineOutcome["kind"];
  readonly violations: readonly Violation[];
  readonly totals: ViolationTotals;
  readonly counters: Readonly<Record<string, number>>;
  readonly faultLatencyNs: FaultLatency;
  readonly faultTime: FaultTime;
  readonly operations: readonly OperationReport[];
  readonly psi: { readonly some: PsiLine; readonly full: PsiLine };
  readonly space: SpaceResult | undefined;
  readonly witnesses: Witnesses;
  readonly recording: Recording;
  /** Kernel log lines of the simulated machine, at most the first 200. */
  readonly log: readonly { readonly at: Instant; readonly line: string }[];
  /** Broken invariants of ours found by the final recount; must be empty. */
  readonly checks: readonly string[];
  /** Promises that the simulated kernel was found to have broken at the end, beside those about contents. */
  readonly breaches: readonly Breach[];
  readonly simulatedNs: Instant;
  readonly events: number;
  readonly fingerprint: string;
}

export interface ExpectationResult {
  readonly what: string;
  readonly held: boolean;
}
