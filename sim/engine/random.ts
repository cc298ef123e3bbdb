import alea from "seedrandom/lib/alea.js";
import { fail } from "./assert.ts";
import { ln } from "./exact-math.ts";

/** A stream of random numbers for one part of the model. */
export class RandomStream {
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  /** A number in [0, 1) with 32 random bits. */
  unit(): number {
    return this.#next();
  }

  /** A whole number in [0, bound), bound at most 2^32. */
  below(bound: number): number {
    if (!(bound > 0 && bound <= 0x1_0000_0000)) fail("a random bound lies in 1 .. 2^32");
    return Math.floor(this.#next() * bound);
  }

  /** True with the given probability, 0 .. 1. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** An exponential variate with the given mean, rounded to a whole number. */
  exponential(mean: number): number {
    return Math.round(-ln(1 - this.#next()) * mean);
  }
}

/** Opens streams by name. A new draw in one part must not change what another part draws. */
export interface RandomStreams {
  named(path: string): RandomStream;
}

/** All streams of a run. The same seed and path always give the same numbers. */
export function openStreams(seed: string): RandomStreams {
  return { named: (path) => new RandomStream(alea(`${seed}/${path}`)) };
}
