import type { Duration } from "./units.ts";

/** CPU time of one step of the kernel. */
export interface CostDeclaration {
  readonly time: Duration;
  readonly meaning: string;
  /** Who measured it; left out: an estimate of the usual order of magnitude. */
  readonly source?: string;
}

/** The steps of a layer that cost CPU time. */
export type CostTable<Name extends string> = Readonly<Record<Name, CostDeclaration>>;

/** CPU times by step. */
export type Costs<Name extends string> = Readonly<Record<Name, Duration>>;

/** The times that a table declares. */
export function timesOf<Name extends string>(table: CostTable<Name>): Costs<Name> {
  const times = Object.entries<CostDeclaration>(table).map(([name, { time }]) => [name, time]);
  return Object.fromEntries(times) as Costs<Name>;
}
