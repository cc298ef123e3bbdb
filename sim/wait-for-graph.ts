import { type Engine, type Holdable, NeverEnds, type Process, RangeLock } from "./engine/index.ts";

/** A lock that tells who holds it. */
export function isHoldable(object: object | undefined): object is Holdable {
  return object !== undefined && "holders" in object;
}

/** Why what a process waits for will never happen, if that is known. */
export function abandonedBy({ waitsFor, state }: Process): string | undefined {
  if (state !== "parked" || waitsFor === undefined) return undefined;
  if (waitsFor instanceof NeverEnds) return waitsFor.abandoned;
  return "abandoned" in waitsFor && typeof waitsFor.abandoned === "string" ? waitsFor.abandoned : undefined;
}

/** Something that any of several processes can bring about: pages under write-back, each carried by somebody. */
export interface AnyOf {
  readonly name: string;
  /** Undefined: a device brings it about, which always ends. */
  anyOf(): readonly Process[] | undefined;
}

/** Whether one of several is enough. */
export function isAnyOf(object: object | undefined): object is AnyOf {
  return object !== undefined && "anyOf" in object;
}

/** Those who must go on before a process can: all of them, unless it waits for any of several. */
export function blockersOf(process: Process): readonly Process[] {
  const { waitsFor, state } = process;
  if (state !== "parked") return [];
  if (waitsFor instanceof RangeLock) return waitsFor.holdersInTheWayOf(process);
  if (isAnyOf(waitsFor)) return waitsFor.anyOf() ?? [];
  return isHoldable(waitsFor) ? waitsFor.holders() : [];
}

function goesOn(process: Process, stuck: ReadonlySet<Process>): boolean {
  const blockers = blockersOf(process);
  if (blockers.length === 0) return true;
  const isFree = (blocker: Process): boolean => !stuck.has(blocker);
  return isAnyOf(process.waitsFor) ? blockers.some(isFree) : blockers.every(isFree);
}

/** Processes that will never go on, because those whom they wait for will not either. */
function stuckProcesses(engine: Engine): ReadonlySet<Process> {
  const stuck = new Set(engine.processes);
  for (let before = stuck.size + 1; stuck.size < before; ) {
    before = stuck.size;
    for (const process of stuck) if (goesOn(process, stuck)) stuck.delete(process);
  }
  return stuck;
}

/**
 * A cycle of processes that each wait for a lock the next one holds, or one that waits for what will never happen, in
 * words; undefined if there is neither.
 */
export function findCycle(engine: Engine): string | undefined {
  for (const process of engine.processes) {
    const why = abandonedBy(process);
    if (why !== undefined) return `dead-lock: ${process.name} waits in ${process.label} for ${why}`;
  }
  const stuck = stuckProcesses(engine);
  const path: Process[] = [];
  for (let [process] = stuck; process; process = blockersOf(process).find((next) => stuck.has(next))) {
    if (path.includes(process)) return describe(path.slice(path.indexOf(process)));
    path.push(process);
  }
  return undefined;
}

function describe(cycle: readonly Process[]): string {
  const links = cycle.map((process) => {
    const { waitsFor } = process;
    const what = isHoldable(waitsFor) || isAnyOf(waitsFor) ? waitsFor.name : "?";
    return `${process.name} waits in ${process.label} for ${what}`;
  });
  return `dead-lock: ${links.join("; ")}`;
}
