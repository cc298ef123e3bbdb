import { audit } from "./audit.ts";
import { type Breach, breachesOf } from "./breaches.ts";
import { checkMachine } from "./checks/index.ts";
import type { EngineOutcome, Process } from "./engine/index.ts";
import type { Init } from "./init.ts";
import type { Machine } from "./machine.ts";
import type { Witnesses } from "./result.ts";
import { judge, type VerdictWithReason } from "./verdict.ts";
import { deadlocked, findCycle } from "./wait-for-graph.ts";

/** What a run comes to, whoever decided its order. */
export interface Conclusion extends VerdictWithReason {
  readonly witnesses: Witnesses;
  /** The functions in which the processes of a dead-lock stand, by name; none without one. */
  readonly deadlockedIn: readonly string[];
  /** Pages that came back from swap, from devices and from zswap. */
  readonly pagesBack: number;
  /** Steps of the timeline that have answered ok. */
  readonly answeredOk: readonly string[];
  /** Broken invariants of ours; must be empty. */
  readonly checks: readonly string[];
  /** What the simulated kernel's books show. */
  readonly breaches: readonly Breach[];
}

/** Looks at everything once more, without any simulated time, and judges. */
export function conclude(machine: Machine, init: Init, outcome: EngineOutcome): Conclusion {
  const { engine, mm, ledger } = machine;
  mm.psi.settle();
  audit(machine);
  const witnesses = witnessesOf(machine);
  const hadTime = outcome.kind !== "finished";
  const judged = judge({
    outcome,
    cycle: findCycle(engine, hadTime),
    violationCounts: ledger.byClass(),
    firstViolation: ledger.listed[0],
    oomKills: machine.oomKills,
    refusal: init.refusal,
    witnesses,
    needsRelocation: machine.strategy.targets === "file",
  });
  return {
    ...judged,
    deadlockedIn: judged.verdict === "deadlocked" ? labelsOf(deadlocked(engine, hadTime)) : [],
    witnesses,
    ...seenIn(machine, init),
    checks: checkMachine(machine),
    breaches: breachesOf(machine),
  };
}

/** A run that was stopped on its way: what it leaves behind is half done and cannot be judged. */
export function cutShort(machine: Machine, init: Init): Conclusion {
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

function labelsOf(processes: readonly Process[]): readonly string[] {
  const labels = new Set(processes.map(({ label }) => label));
  return [...labels].toSorted((a, b) => (a < b ? -1 : 1));
}

function seenIn({ mm: { vm } }: Machine, { timeline }: Init): Pick<Conclusion, "pagesBack" | "answeredOk"> {
  const ok = timeline.reports().filter(({ result }) => result === "ok");
  return { pagesBack: vm.pswpin + vm.zswpin, answeredOk: ok.map(({ id }) => id) };
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
