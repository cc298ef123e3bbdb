import type { Engine, Holdable, Process } from "../engine/index.ts";
import { abandonedBy, blockersOf, isAnyOf, isHoldable } from "../wait-for-graph.ts";

/** A lock and the names of those who hold it. */
export interface LockState {
  readonly lock: string;
  readonly by: readonly string[];
}

/** Somebody who cannot go on. */
export interface Wait {
  readonly who: string;
  /** The kernel function it waits in. */
  readonly in: string;
  /** The lock or the queue it waits for. Left out: it has no name. */
  readonly for?: string;
  /** Why what it waits for will never happen, if that is known. */
  readonly never?: string;
  /** Names of those who must do something first, as far as that is known. */
  readonly on: readonly string[];
  /** One of them is enough. */
  readonly any?: true;
}

/**
 * Knows the locks of an explored run. Whoever is about to take one stands before it for a step, so each is seen before
 * anybody holds it; those taken without waiting (a trylock) are known once somebody waits for them.
 */
export class LockWatch {
  readonly #locks = new Set<Holdable>();

  held(engine: Engine): readonly LockState[] {
    for (const { waitsFor } of engine.processes) if (isHoldable(waitsFor)) this.#locks.add(waitsFor);
    return [...this.#locks].flatMap((lock) => {
      const by = namesOf(lock.holders());
      return by.length > 0 ? [{ lock: lock.name, by }] : [];
    });
  }
}

/** Everybody who waits for somebody; of kernel threads those that wait for a lock, or in vain, or that are waited for. */
export function waitsOf(engine: Engine): readonly Wait[] {
  const waiting = new Set(engine.processes.filter(isOnItsOwn));
  // A set that grows while it is walked: whoever is waited for is looked at as well.
  for (const process of waiting) {
    for (const blocker of blockersOf(process)) if (blocker.state === "parked") waiting.add(blocker);
  }
  return engine.processes.filter((process) => waiting.has(process)).map(waitOf);
}

/** It waits, and that is worth telling whoever waits for it. */
function isOnItsOwn(process: Process): boolean {
  const { state, daemon, waitsFor } = process;
  return state === "parked" && (!daemon || abandonedBy(process) !== undefined || isHoldable(waitsFor));
}

function waitOf(process: Process): Wait {
  const { name, label, waitsFor } = process;
  const abandoned = abandonedBy(process);
  const what = nameOf(waitsFor);
  return {
    who: name,
    in: label,
    ...(what === undefined ? {} : { for: what }),
    ...(abandoned === undefined ? {} : { never: abandoned }),
    on: namesOf(blockersOf(process)),
    ...(isAnyOf(waitsFor) ? { any: true } : {}),
  };
}

function nameOf(waitsFor: object | undefined): string | undefined {
  return waitsFor && "name" in waitsFor && typeof waitsFor.name === "string" ? waitsFor.name : undefined;
}

const namesOf = (processes: readonly Process[]): readonly string[] => [
  ...new Set(processes.map(({ name }) => name)),
];
