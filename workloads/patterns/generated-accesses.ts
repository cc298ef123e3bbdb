import type { AccessSource } from "../../sim/mm/index.ts";
import { BLOCK, FRACTIONS, fraction, modulo, SplitMix64 } from "./split-mix.ts";

/** The permutation has a generator of its own, whose seed is the seed of the pattern xor this. */
const PERMUTATION_SEED = 0xd1b5_4a32_d192_ed03n;

/** Writes the pages of the next `count` accesses (at most a block of draws) into a batch, from index `start`. */
export type PageFiller = (batch: Uint32Array, start: number, count: number) => void;

export interface GeneratedOptions {
  readonly pages: number;
  /** Infinity: without end. */
  readonly accesses: number;
  readonly writes: number;
  /** Seed of the pattern if its pages are permuted. */
  readonly permutationOf: bigint | undefined;
  readonly fillPages: PageFiller;
  readonly writeDraws: SplitMix64;
}

/** The common part of all patterns: pages are drawn by the pattern, then permuted, then each access may be a write. */
export class GeneratedAccesses implements AccessSource {
  readonly pages: number;
  readonly #fillPages: PageFiller;
  readonly #permutation: Uint32Array | undefined;
  readonly #writeDraws: SplitMix64;
  /** Draws below this are writes. */
  readonly #writesBelow: number;
  #left: number;

  constructor(options: GeneratedOptions) {
    this.pages = options.pages;
    this.#fillPages = options.fillPages;
    this.#permutation =
      options.permutationOf === undefined ? undefined : permutation(options.pages, options.permutationOf);
    this.#writeDraws = options.writeDraws;
    this.#writesBelow = options.writes * FRACTIONS;
    this.#left = options.accesses;
  }

  fill(batch: Uint32Array): number {
    const count = Math.min(batch.length, this.#left);
    for (let start = 0; start < count; start += BLOCK) {
      this.#fillBlock(batch, start, Math.min(BLOCK, count - start));
    }
    this.#left -= count;
    return count;
  }

  #fillBlock(batch: Uint32Array, start: number, count: number): void {
    this.#fillPages(batch, start, count);
    if (this.#permutation) permute(batch, start, count, this.#permutation);
    this.#writeDraws.draw(count);
    markWrites(batch, start, count, this.#writeDraws, this.#writesBelow);
  }
}

function permute(batch: Uint32Array, start: number, count: number, order: Uint32Array): void {
  for (let index = start; index < start + count; index++) batch[index] = order[batch[index]!]!;
}

/**
 * Turns pages into accesses. Each takes one draw, also when all or none are writes. `Number` of a comparison is
 * compiled without a branch, which no processor could predict here.
 */
function markWrites(
  batch: Uint32Array,
  start: number,
  count: number,
  { high, low }: SplitMix64,
  writesBelow: number,
): void {
  for (let index = 0; index < count; index++) {
    const isWrite = Number(fraction(high[index]!, low[index]!) < writesBelow);
    batch[start + index] = batch[start + index]! * 2 + isWrite;
  }
}

/** A random order of all pages (Fisher and Yates, from the end). */
function permutation(pages: number, seed: bigint): Uint32Array {
  const order = Uint32Array.from({ length: pages }, (_, page) => page);
  const draws = new SplitMix64(seed ^ PERMUTATION_SEED);
  for (let last = pages - 1; last >= 1; last--) {
    draws.draw(1);
    const other = modulo(draws.high[0]!, draws.low[0]!, last + 1);
    const page = order[last]!;
    order[last] = order[other]!;
    order[other] = page;
  }
  return order;
}
