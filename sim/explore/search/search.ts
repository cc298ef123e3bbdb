import type { RegistryEntry } from "../../engine/index.ts";
import type { Execution } from "../execution.ts";
import type { Guide } from "../guide.ts";

/** What a search may be told. */
export interface SearchOptions {
  /** Start of its random choices. */
  readonly seed: string;
  /** Preemptions, and other things that come out otherwise, in one schedule at most. */
  readonly bound: number;
  /** Schedules that differ only in the order of steps that share nothing are tried once. */
  readonly reduction: boolean;
  /** Of PCT: preemptions that the bug needs, plus one. */
  readonly depth: number;
}

export const defaultSearchOptions: SearchOptions = { seed: "1", bound: 2, reduction: true, depth: 3 };

/** One search under way: it proposes schedules and learns from what came of them. */
export interface SearchRun {
  /** Guide of the next run; undefined if everything within the bound has been tried. */
  next(): Guide | undefined;
  learn(execution: Execution): void;
  /** Highest bound that has been searched to its end; -1 for none, Infinity if no schedule is left at all. */
  readonly bound: number;
  /** Part of the schedules of the bound after that one which has been tried, 0 to 1, as if all branches were alike. */
  readonly share?: number;
}

/** A way to go through schedules, in its registry. */
export interface Search extends RegistryEntry {
  /** It can come to an end and then has tried everything within its bound. */
  readonly exhaustive: boolean;
  /** It draws each schedule without regard to the others: so many without a violation bound the share that violates. */
  readonly independent: boolean;
  begin(options: SearchOptions): SearchRun;
}
