/** What was used up by so many operations. */
export interface Sample {
  /** Nanoseconds, or bytes. */
  readonly cost: number;
  readonly operations: number;
}

/** How a case finds out what something costs; the world gives them. */
export interface Meters {
  /** CPU time of this process so far, ns. */
  cpu(): number;
  /** Bytes of typed arrays in use. */
  arrayBytes(): number;
  /** Wall-clock time of a fresh process that runs the command line on a scenario of no length, ns. */
  startUp(): number;
  /** The same for a fresh process that does nothing. */
  bareStartUp(): number;
}

/** The subject and its reference, ready to be measured as often as one likes. */
export interface Contest {
  subject(): Sample;
  reference(): Sample;
}

/** What a case must reach: so many nanoseconds or bytes, or so many times the reference. */
export type Goal = { readonly atMost: number } | { readonly ratioAtMost: number };

/** One thing that is measured. A new one is one entry in a file of its group. */
export interface BenchCase {
  readonly name: string;
  readonly unit: "ns" | "bytes";
  /** What one operation is. */
  readonly operation: string;
  /** What it is compared with. */
  readonly reference: string;
  readonly goal: Goal;
  /** What a reader must know to judge the figure. */
  readonly note: string;
  /** Where the cost comes from, of a case whose goal is hard to reach. */
  readonly breakdown?: string;
  /** Repetitions that suffice, where they are slow or always the same; otherwise as many as the run makes. */
  readonly repetitions?: number;
  /** Sets up both. `scale` (0 .. 1) shortens the work; inputs stay the same otherwise. */
  prepare(meters: Meters, scale: number): Contest;
}

/** Measures the CPU time of work that says how many operations it did. */
export function timed(meters: Meters, work: () => number): Sample {
  const began = meters.cpu();
  const operations = work();
  return { cost: meters.cpu() - began, operations };
}

/** A whole number of operations for a scale, at least 1. */
export function scaled(operations: number, scale: number): number {
  return Math.max(1, Math.round(operations * scale));
}
