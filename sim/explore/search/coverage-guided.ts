import { openStreams, type RandomStream } from "../../engine/index.ts";
import { Coverage } from "../coverage.ts";
import type { Execution } from "../execution.ts";
import type { Guide } from "../guide.ts";
import type { Search, SearchOptions, SearchRun } from "./search.ts";

/** Of so many answers after the one that was changed one is left to chance; the others let who runs go on. */
const WILD_ONE_IN = 4;

/**
 * Keeps schedules that showed a new pair of steps, and tries what lies near them: the same up to some question, another
 * answer there, and mostly no switches after it.
 */
class CoverageRun implements SearchRun {
  readonly bound = -1;
  readonly #random: RandomStream;
  readonly #coverage = new Coverage();
  readonly #kept: (readonly number[])[] = [[]];

  constructor({ seed }: SearchOptions) {
    this.#random = openStreams(seed).named("explore/coverage");
  }

  next(): Guide {
    const parent = this.#kept[this.#random.below(this.#kept.length)]!;
    const changed = this.#random.below(parent.length + 1);
    return {
      answer: ({ number, options }) => {
        if (number < changed) return Math.min(parent[number] ?? 0, options - 1);
        if (number === changed || this.#random.below(WILD_ONE_IN) === 0) return this.#random.below(options);
        return 0;
      },
    };
  }

  learn({ steps, answers }: Execution): void {
    if (this.#coverage.add(steps) > 0) this.#kept.push(answers);
  }
}

export const coverageGuided: Search = {
  name: "coverage",
  summary: "variations of schedules that showed a new pair of steps on one thing",
  source: "alias coverage of Krace (2020), on pages, slots, locks and blocks",
  parameters: {},
  exhaustive: false,
  independent: false,
  begin: (options) => new CoverageRun(options),
};
