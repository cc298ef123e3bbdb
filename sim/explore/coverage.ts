import { domainOf, type Key } from "../engine/index.ts";
import type { Step } from "./execution.ts";

/**
 * Which pairs of kinds of steps have followed each other on one thing, done by two processes: what alias coverage is to
 * memory (Krace), for pages, slots, locks and blocks. It tells a search whether it still sees anything new.
 */
export class Coverage {
  readonly #pairs = new Set<string>();

  get pairs(): number {
    return this.#pairs.size;
  }

  /** Counts a run; returns how many of its pairs are new. */
  add(steps: readonly Step[]): number {
    const before = this.#pairs.size;
    const last = new Map<Key, Step>();
    for (const step of steps) {
      for (const key of step.accesses.keys()) {
        const earlier = last.get(key);
        if (earlier && earlier.process !== step.process)
          this.#pairs.add(`${domainOf(key)}: ${earlier.label} > ${step.label}`);
        last.set(key, step);
      }
    }
    return this.#pairs.size - before;
  }
}
