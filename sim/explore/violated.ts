import type { ViolationClass } from "../oracle/index.ts";
import type { Execution } from "./execution.ts";

/** What must hold in every order of steps, as known-bug lists number it. */
export const INVARIANTS = {
  I1: "a page fault returns what was last written to its slot",
  I2: "no swap write lands on bytes that something else owns",
  I3: "a snapshot or another file never changes because of swap",
  I5: "somebody can always make progress",
  I8: "what the swap code was told is safe survives a restart of the device",
} as const;
export type Invariant = keyof typeof INVARIANTS;

const BROKEN_BY: Readonly<Record<ViolationClass, Invariant>> = {
  A: "I1",
  B: "I2",
  C: "I2",
  D: "I2",
  E: "I1",
  F: "I3",
  G: "I1",
  H: "I8",
  L: "I1",
};

/** The invariant that a run violates, and how. */
export interface Violated {
  readonly invariant: Invariant;
  /** Runs with the same kind violate in the same way: a shrinker keeps it. */
  readonly kind: string;
  readonly what: string;
}

/** What a run violates; undefined if it holds. */
export function violationOf({ violations, verdict, reason }: Execution): Violated | undefined {
  const [first] = violations;
  if (first) {
    const what = `${first.what}: got ${first.got}, expected ${first.expected}`;
    return { invariant: BROKEN_BY[first.class], kind: first.class, what };
  }
  if (verdict === "deadlocked" || verdict === "out-of-memory")
    return { invariant: "I5", kind: verdict, what: reason };
  return undefined;
}
