import { BROKEN_BY, type Invariant } from "../invariants.ts";
import type { Execution } from "./execution.ts";

/** The invariant that a run violates, and how. */
export interface Violated {
  readonly invariant: Invariant;
  /** Runs with the same kind violate in the same way: a shrinker keeps it. */
  readonly kind: string;
  readonly what: string;
}

/** What a run violates; undefined if it holds. */
export function violationOf({
  violations,
  verdict,
  reason,
  breaches,
  deadlockedIn,
}: Execution): Violated | undefined {
  const [first] = violations;
  if (first) {
    const what = `${first.what}: got ${first.got}, expected ${first.expected}`;
    return { invariant: BROKEN_BY[first.class][0]!, kind: first.class, what };
  }
  if (verdict === "deadlocked")
    return { invariant: "I5", kind: `deadlocked in ${deadlockedIn.join(", ")}`, what: reason };
  if (verdict === "out-of-memory") return { invariant: "I5", kind: verdict, what: reason };
  const [breach] = breaches;
  return breach && { ...breach, kind: breach.invariant };
}
