import { audit } from "./audit.ts";
import { type Breach, breachesOf } from "./breaches.ts";
import { checkMachine } from "./checks/index.ts";
import type { EngineOutcome, Process } from "./engine/index.ts";
import type { Init } from "./init.ts";
import type { Machine } from "./machine.ts";
import type { ViolationTotals } from "./oracle/index.ts";
import type { OperationReport, Witnesses } from "./result.ts";
import { judge, type VerdictWithReason } from "./verdict.ts";
import { cycleInWords, deadlocked } from "./wait-for-graph.ts";

/** What a run comes to, whoever decided its order. */
export interface Conclusion extends VerdictWithReason {
  readonly witnesses: Witnesses;
  /** The functions in which the processes of a dead-lock stand, by name; none without one. */
  readonly deadlockedIn: readonly string[];
  /** Pages that came back from swap, from devices and from zswap. */
  readonly pagesBack: number;
  /** What the steps of the timeline came to. */
  readonly operations: readonly OperationReport[];
  readonly totals: ViolationTotals;
  /** Broken invariants of ours; must be empty. */
  readonly checks: readonly string[];
  /** What the simulated kernel's books show. */
  readonly breaches: readonly Breach[];
}

/** Looks at everything once more, without any simulated time, and judges. `recounts`: our own books are checked as well. */
export function conclude(
  machine: Machine,
  init: Init,
  outcome: EngineOutcome,
  recounts: boolean = true,
): Conclusion {
  const { engine, mm, ledger } = machine;
  mm.psi.settle();
  audit(machine);
  const witnesses = witnessesOf(machine);
  const stuck = deadlocked(engine, outcome.kind !== "finished");
  const judged = judge({
    outcome,
    cycle: cycleInWords(stuck),
    violationCounts: ledger.byClass(),
    firstViolation: ledger.listed[0],
    oomKills: machine.oomKills,
    refusal: init.refusal,
    witnesses,
    needsRelocation: machine.strategy.targets === "file",
  });
  const breaches = breachesOf(machine);
  // Two runs that end alike but for what they leave in the books are two runs.
  for (const { invariant, what } of breaches) engine.fingerprint.mixText(`${invariant} ${what}`);
  engine.fingerprint.mixText(judged.verdict);
  return {
    ...judged,
    deadlockedIn: judged.verdict === "deadlocked" ? placesOf(stuck, outcome) : [],
    witnesses,
    ...seenIn(machine, init),
    checks: recounts ? checkMachine(machine) : [],
    breaches,
  };
}

/** A run that was stopped on its way: what it leaves behind is half done and cannot be judged. */
export function cutShort(machine: Machine, init: Init): Conclusion {
  machine.engine.fingerprint.mixText("inconclusive");
  return {
    verdict: "inconclusive",
    reason: "the run was stopped on its way",
    deadlockedIn: [],
    witnesses: witnessesOf(machine),
    ...seenIn(machine, init),
    checks: [],
    breaches: [],
  };
}

/** Where the processes of a dead-lock stand; without a cycle, where those wait whom nobody will wake. */
function placesOf(stuck: readonly Process[], outcome: EngineOutcome): readonly string[] {
  if (stuck.length > 0) return labelsOf(stuck);
  if (outcome.kind === "deadlocked") return labelsOf(outcome.waiting);
  return ["steps without end"];
}

function labelsOf(waiting: readonly { readonly label: string }[]): readonly string[] {
  const labels = new Set(waiting.map(({ label }) => label));
  return [...labels].toSorted((a, b) => (a < b ? -1 : 1));
}

function seenIn(
  { mm: { vm }, ledger }: Machine,
  { timeline }: Init,
): Pick<Conclusion, "pagesBack" | "operations" | "totals"> {
  return { pagesBack: vm.pswpin + vm.zswpin, operations: timeline.reports(), totals: ledger.totals() };
}

function witnessesOf({ mm, witnesses }: Machine): Witnesses {
  const { vm } = mm;
  const { slotsRelocated, slotsReadBack } = witnesses;
  return {
    pagesSwappedOut: vm.pswpout,
    pagesSwappedIn: vm.pswpin,
    pagesReclaimed: vm.pgsteal_anon,
    slotsRelocated,
    slotsReadBackAfterwards: slotsReadBack,
    reasons: witnesses.reasons(),
  };
}
