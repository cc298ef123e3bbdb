import { assert, DOMAINS, domainOf, type Key } from "../engine/index.ts";
import type { Step } from "./execution.ts";

/** Kinds of steps: functions of the kernel, lines of scripts, a few thousand at most. */
const LABELS_MAX = 2 ** 20;

/**
 * Which pairs of kinds of steps have followed each other on one thing, done by two processes: what alias coverage is to
 * memory (Krace), for pages, slots, locks and blocks. It tells a search whether it still sees anything new.
 */
export class Coverage {
  /** By domain and the labels of both steps. */
  readonly #pairs = new Set<number>();
  readonly #labels = new Map<string, number>();

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
        if (earlier && earlier.process !== step.process) this.#pairs.add(this.#numberOf(key, earlier, step));
        last.set(key, step);
      }
    }
    return this.#pairs.size - before;
  }

  #numberOf(key: Key, earlier: Step, later: Step): number {
    const pair = this.#labelOf(earlier) * LABELS_MAX + this.#labelOf(later);
    return pair * DOMAINS.length + DOMAINS.indexOf(domainOf(key));
  }

  #labelOf({ label }: Step): number {
    let number = this.#labels.get(label);
    if (number === undefined) {
      number = this.#labels.size;
      assert(number < LABELS_MAX, "steps have fewer kinds than that");
      this.#labels.set(label, number);
    }
    return number;
  }
}
