import { type Engine, type Holdable, type Process, RangeLock } from "./engine/index.ts";

/** A lock that tells who holds it. */
export function isHoldable(object: object | undefined): object is Holdable {
  return object !== undefined && "holders" in object;
}

/** Why what a process waits for will never happen, if that is known. */
export function abandonedBy({ waitsFor, state }: Process): string | undefined {
  if (state !== "parked" || waitsFor === undefined) return undefined;
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

/**
 * Processes that will never go on, because those whom they wait for will not either. A timer lets a process look again;
 * whether that helps is known only of one that has had the time.
 */
function stuckProcesses(engine: Engine, hadTime: boolean): ReadonlySet<Process> {
  const stuck = new Set(engine.processes.filter(({ pauses }) => hadTime || !pauses));
  for (let before = stuck.size + 1; stuck.size < before; ) {
    before = stuck.size;
    for (const process of stuck) if (goesOn(process, stuck)) stuck.delete(process);
  }
  return stuck;
}

/**
 * The processes of a dead-lock: a cycle, each waiting for a lock the next one holds, or the one that waits for what will
 * never happen; none if there is neither. `hadTime`: left out, who waits with a timer counts as one who waits.
 */
export function deadlocked(engine: Engine, hadTime = true): readonly Process[] {
  const abandoned = engine.processes.find((process) => abandonedBy(process) !== undefined);
  if (abandoned) return [abandoned];
  const stuck = stuckProcesses(engine, hadTime);
  const path: Process[] = [];
  for (let [process] = stuck; process; process = blockersOf(process).find((next) => stuck.has(next))) {
    if (path.includes(process)) return path.slice(path.indexOf(process));
    path.push(process);
  }
  return [];
}

/** A dead-lock in words: who waits in which function for what; undefined if there is none. */
export function findCycle(engine: Engine): string | undefined {
  return cycleInWords(deadlocked(engine));
}

/** Who waits in which function for what; undefined of nobody. */
export function cycleInWords(cycle: readonly Process[]): string | undefined {
  return cycle.length === 0 ? undefined : `dead-lock: ${cycle.map(describe).join("; ")}`;
}

function describe(process: Process): string {
  const { name, label, waitsFor } = process;
  const named = isHoldable(waitsFor) || isAnyOf(waitsFor) ? waitsFor.name : "?";
  return `${name} waits in ${label} for ${abandonedBy(process) ?? named}`;
}
