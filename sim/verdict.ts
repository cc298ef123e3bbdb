import type { EngineOutcome } from "./engine/index.ts";
import { VIOLATION_CLASSES, type Violation, type ViolationClass } from "./oracle/index.ts";
import type { Verdict, Witnesses } from "./result.ts";

/** Everything a verdict is reached from. */
export interface Evidence {
  readonly outcome: EngineOutcome;
  /** The wait-for graph has a cycle, in words; undefined if not. */
  readonly cycle: string | undefined;
  readonly violationCounts: Readonly<Record<ViolationClass, number>>;
  readonly firstViolation: Violation | undefined;
  readonly oomKills: number;
  /** The message of a swapon that failed. */
  readonly refusal: string | undefined;
  readonly witnesses: Witnesses;
  /** The strategy has a filesystem below it, so that relocation is what the run is about. */
  readonly needsRelocation: boolean;
}

export interface VerdictWithReason {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** The verdict, strongest first, with the sentence that says why. */
export function judge(evidence: Evidence): VerdictWithReason {
  const { outcome, firstViolation, witnesses } = evidence;
  if (firstViolation) return { verdict: "corrupt", reason: corruptReason(evidence, firstViolation) };
  if (evidence.cycle !== undefined) return { verdict: "deadlocked", reason: evidence.cycle };
  if (outcome.kind === "deadlocked") {
    const [first] = outcome.waiting;
    return { verdict: "deadlocked", reason: `nothing can run: ${first?.process} waits in ${first?.label}` };
  }
  if (outcome.kind === "livelocked")
    return { verdict: "deadlocked", reason: "steps without end at one instant" };
  if (evidence.oomKills > 0) {
    return {
      verdict: "out-of-memory",
      reason: `${evidence.oomKills} task(s) were killed for lack of memory`,
    };
  }
  if (evidence.refusal !== undefined)
    return { verdict: "refused", reason: `swapon failed: ${evidence.refusal}` };
  const missing = missingWitness(witnesses, evidence.needsRelocation);
  if (missing) return { verdict: "inconclusive", reason: missing };
  return { verdict: "correct", reason: correctReason(witnesses, evidence.needsRelocation) };
}

function corruptReason(evidence: Evidence, first: Violation): string {
  const kinds = (Object.keys(VIOLATION_CLASSES) as ViolationClass[])
    .filter((kind) => evidence.violationCounts[kind] > 0)
    .map((kind) => `${evidence.violationCounts[kind]} × ${VIOLATION_CLASSES[kind]} (${kind})`);
  return `${kinds.join(", ")}; first: ${first.what}`;
}

function missingWitness(witnesses: Witnesses, needsRelocation: boolean): string | undefined {
  if (witnesses.pagesSwappedOut === 0) return "no page was swapped out";
  if (witnesses.pagesReclaimed === 0) return "no page was reclaimed";
  if (witnesses.pagesSwappedIn === 0) return "no page was swapped in";
  if (!needsRelocation) return undefined;
  if (witnesses.slotsRelocated === 0) return "no operation met a block that held a swapped-out page";
  if (witnesses.slotsReadBackAfterwards === 0)
    return "no page was read back after an operation had met its block";
  return undefined;
}

function correctReason(witnesses: Witnesses, needsRelocation: boolean): string {
  const { pagesSwappedIn } = witnesses;
  const base = `${pagesSwappedIn} ${pagesSwappedIn === 1 ? "page" : "pages"} came back right`;
  if (!needsRelocation) return base;
  return `${base}, ${witnesses.slotsReadBackAfterwards} of them after maintenance had met their blocks`;
}
