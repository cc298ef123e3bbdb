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

/** Those who must go on before a process can. */
export function blockersOf(process: Process): readonly Process[] {
  const { waitsFor, state } = process;
  if (state !== "parked") return [];
  if (waitsFor instanceof RangeLock) return waitsFor.holdersInTheWayOf(process);
  return isHoldable(waitsFor) ? waitsFor.holders() : [];
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
  const finished = new Set<Process>();
  for (const start of engine.processes) {
    const cycle = search(start, [], finished);
    if (cycle) return describe(cycle);
  }
  return undefined;
}

function search(
  process: Process,
  path: readonly Process[],
  finished: Set<Process>,
): readonly Process[] | undefined {
  if (path.includes(process)) return path.slice(path.indexOf(process));
  if (finished.has(process)) return undefined;
  for (const blocker of blockersOf(process)) {
    const cycle = search(blocker, [...path, process], finished);
    if (cycle) return cycle;
  }
  finished.add(process);
  return undefined;
}

function describe(cycle: readonly Process[]): string {
  const links = cycle.map((process) => {
    const lock = isHoldable(process.waitsFor) ? process.waitsFor.name : "?";
    return `${process.name} waits in ${process.label} for ${lock}`;
  });
  return `dead-lock: ${links.join("; ")}`;
}
