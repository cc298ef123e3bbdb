import { openStreams, type Process, type RandomStream } from "../../engine/index.ts";
import type { Execution } from "../execution.ts";
import type { Guide, Question } from "../guide.ts";
import type { Search, SearchOptions, SearchRun } from "./search.ts";

/** Steps that a schedule has as long as none was seen. */
const STEPS_GUESSED = 30;

/**
 * Priorities drawn for each process, and d - 1 points at which the one that runs falls below all others: a bug that
 * needs d ordered events is hit with a chance of at least 1 / (n k^(d-1)) per schedule, n processes, k steps (PCT).
 */
class PctRun implements SearchRun {
  readonly bound = -1;
  readonly #random: RandomStream;
  readonly #depth: number;
  #questions = STEPS_GUESSED;

  constructor({ seed, depth }: SearchOptions) {
    this.#random = openStreams(seed).named("explore/pct");
    this.#depth = depth;
  }

  next(): Guide {
    const changes = new Map<number, number>();
    for (let left = this.#depth - 1; left > 0; left--)
      changes.set(this.#random.below(this.#questions), -left);
    return new Priorities(this.#random, changes);
  }

  learn({ answers }: Execution): void {
    this.#questions = Math.max(this.#questions, answers.length);
  }
}

class Priorities implements Guide {
  readonly #random: RandomStream;
  /** Priority that the process of the highest one falls to, by question. */
  readonly #changes: ReadonlyMap<number, number>;
  readonly #priority = new Map<Process, number>();

  constructor(random: RandomStream, changes: ReadonlyMap<number, number>) {
    this.#random = random;
    this.#changes = changes;
  }

  answer({ number, ready, options }: Question): number {
    if (!ready) return this.#random.below(options);
    const falls = this.#changes.get(number);
    if (falls !== undefined) this.#priority.set(ready[this.#highest(ready)]!, falls);
    return this.#highest(ready);
  }

  #highest(ready: readonly Process[]): number {
    let highest = 0;
    for (let at = 1; at < ready.length; at++) {
      if (this.#of(ready[at]!) > this.#of(ready[highest]!)) highest = at;
    }
    return highest;
  }

  #of(process: Process): number {
    let priority = this.#priority.get(process);
    if (priority === undefined) {
      priority = this.#random.unit();
      this.#priority.set(process, priority);
    }
    return priority;
  }
}

export const pct: Search = {
  name: "pct",
  summary: "random priorities with d - 1 random changes (PCT), for bugs of depth d",
  source:
    "Burckhardt and others: A randomized scheduler with probabilistic guarantees of finding bugs (2010)",
  parameters: {},
  exhaustive: false,
  independent: true,
  begin: (options) => new PctRun(options),
};
