import type { Duration, Pages } from "../../sim/engine/index.ts";

/** A recorded program that comes with pagestorm; the file lies in `workloads/traces/recorded/`. */
export interface RecordedTrace {
  readonly name: string;
  readonly file: string;
  readonly program: string;
  /** Accesses that the program made while it was recorded. */
  readonly recorded: number;
  /** Lines that are left after thinning. */
  readonly lines: number;
  readonly pages: Pages;
  /** Lines that write (S and M). */
  readonly stores: number;
  /** CPU time of a line unless the scenario says otherwise: the accesses that it stands for, 1 ns each (an estimate). */
  readonly cpu: Duration;
}

/** The recorded programs, in alphabetical order. */
export const recordedTraces: readonly RecordedTrace[] = [
  {
    name: "cc1",
    file: "cc1.lackey.gz",
    program: "gcc 12, the compiler proper, at -O2: a small file with three headers",
    recorded: 20_267_118,
    lines: 174_586,
    pages: 1_968,
    stores: 30_197,
    cpu: 116,
  },
  {
    name: "python3",
    file: "python3.lackey.gz",
    program: "CPython 3.11: a dictionary of lists, sorting, regular expressions",
    recorded: 230_856_000,
    lines: 3_122_921,
    pages: 2_596,
    stores: 696_632,
    cpu: 74,
  },
  {
    name: "sort",
    file: "sort.lackey.gz",
    program: "sort -n: 60,000 shuffled numbers",
    recorded: 261_752_687,
    lines: 9_120,
    pages: 992,
    stores: 4_327,
    cpu: 28_701,
  },
  {
    name: "sqlite",
    file: "sqlite.lackey.gz",
    program: "sqlite3 in memory: 30,000 rows, an index, a range query, updates, an aggregate",
    recorded: 565_436_039,
    lines: 2_117_075,
    pages: 2_775,
    stores: 417_835,
    cpu: 267,
  },
];
