import {
  BROKEN_BY,
  type Invariant,
  NOT_BEGUN,
  type Scenario,
  type StrategyResult,
  type Violation,
} from "../../sim/index.ts";

/** What of a run shows whether a promise was kept. */
export type Seen = Pick<
  StrategyResult,
  "name" | "verdict" | "reason" | "violations" | "totals" | "breaches" | "operations"
>;

/** How a promise shows that it was broken: what was found, or undefined. Nothing here knows of toggles. */
type Evidence = (result: Seen, scenario: Scenario) => string | undefined;

const EVIDENCE: Readonly<Record<Invariant, Evidence>> = {
  I1: harm("I1"),
  I2: harm("I2"),
  I3: harm("I3"),
  I4: breach("I4"),
  I5: (result) => standstill(result) ?? breach("I5")(result),
  I6: (result, scenario) => breach("I6")(result) ?? refusal(result, scenario),
  I7: breach("I7"),
  I8: harm("I8"),
  I9: harm("I9"),
};

/** What shows that a run broke a promise, in words; undefined if it was kept. */
export function brokenPromise(invariant: Invariant, result: Seen, scenario: Scenario): string | undefined {
  return EVIDENCE[invariant](result, scenario);
}

/** What happened to the bytes that broke one of these promises, oldest event first; nothing if no bytes did. */
export function chainOfHarm(invariants: readonly Invariant[], { violations }: Seen): Violation["because"] {
  return invariants.map((invariant) => firstHarm(invariant, violations)).find(Boolean)?.because ?? [];
}

function firstHarm(invariant: Invariant, violations: readonly Violation[]): Violation | undefined {
  return violations.find((violation) => BROKEN_BY[violation.class].includes(invariant));
}

/** The oracle found a violation that breaks it. */
function harm(invariant: Invariant): Evidence {
  return ({ violations, totals }) => {
    const first = firstHarm(invariant, violations);
    if (!first) return undefined;
    const count = totals.byClass[first.class];
    return `${first.what}: got ${first.got}, expected ${first.expected}${count > 1 ? ` (and ${count - 1} more)` : ""}`;
  };
}

/** The recount of the simulated kernel's books found it. */
function breach(invariant: Invariant): (result: Seen) => string | undefined {
  return ({ breaches }) => breaches.find((found) => found.invariant === invariant)?.what;
}

/** The wait-for graph is closed, or memory ran out although swap has room. */
function standstill({ verdict, reason }: Seen): string | undefined {
  return verdict === "deadlocked" || verdict === "out-of-memory" ? reason : undefined;
}

/** A step that must answer ok was refused, in whole or in part. */
function refusal(result: Seen, { timeline }: Scenario): string | undefined {
  if (result.verdict === "refused") return result.reason;
  for (const { id, result: got, achieved, skipped } of result.operations) {
    const step = timeline.find((candidate) => candidate.id === id);
    const answers = step?.expect[result.name] ?? step?.expect["*"] ?? [];
    if (got === "running" || got === NOT_BEGUN || answers.length !== 1 || answers[0] !== "ok") continue;
    if (got !== "ok") return `${id} was refused: ${got}, ${achieved}`;
    if (step?.says !== undefined && !achieved.includes(step.says)) {
      const reasons = [...new Set(skipped.map(({ reason }) => reason))].join(", ");
      return `${id} ${achieved}, and not ${step.says}${reasons === "" ? "" : `: ${reasons}`}`;
    }
  }
  return undefined;
}
