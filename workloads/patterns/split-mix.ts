/** Draws made at once at most; small enough to stay in the first-level cache. */
export const BLOCK = 512;

/** `fraction` gives whole numbers below this, 2^53. */
export const FRACTIONS: number = 2 ** 53;

/** The increment of splitmix64, 2^64 / golden ratio. */
const GOLDEN = 0x9e37_79b9_7f4a_7c15n;

/**
 * The 64-bit generator splitmix64 of the measured workload program, or every k-th draw of it. Draw number i is a
 * mix of `seed + i * GOLDEN`, so draws need not be made in order: the pages and the writes of a pattern are drawn by
 * separate streams that together give the draws of one generator.
 *
 * Draws are made in blocks and kept as two halves of 32 bits: a loop over local numbers is twice as fast as a call
 * per draw, and BigInt would be a hundred times slower.
 *
 * Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 */
export class SplitMix64 {
  /** Upper and lower halves of the draws made last, as signed numbers. */
  readonly high: Int32Array = new Int32Array(BLOCK);
  readonly low: Int32Array = new Int32Array(BLOCK);
  #stateHigh: number;
  #stateLow: number;
  readonly #stepHigh: number;
  readonly #stepLow: number;

  /** The draws `first`, `first + every`, `first + 2 * every` ... of the generator; its first draw has the number 1. */
  constructor(seed: bigint, first = 1, every = 1) {
    const step = GOLDEN * BigInt(every);
    const state = seed + GOLDEN * BigInt(first - every);
    this.#stateHigh = signedWord(state >> 32n);
    this.#stateLow = signedWord(state);
    this.#stepHigh = signedWord(step >> 32n);
    this.#stepLow = signedWord(step);
  }

  /** Makes the next `count` draws, at most BLOCK; they are in `high` and `low` from index 0. */
  draw(count: number): void {
    const highs = this.high;
    const lows = this.low;
    const stepHigh = this.#stepHigh;
    const stepLow = this.#stepLow;
    let stateHigh = this.#stateHigh;
    let stateLow = this.#stateLow;
    for (let index = 0; index < count; index++) {
      stateLow = (stateLow + stepLow) | 0;
      const carry = Number(stateLow >>> 0 < stepLow >>> 0);
      stateHigh = (stateHigh + stepHigh + carry) | 0;

      let low = stateLow ^ ((stateLow >>> 30) | (stateHigh << 2));
      let high = stateHigh ^ (stateHigh >>> 30);
      high = (upperProduct(low, 0x1ce4e5b9) + Math.imul(low, 0xbf58476d) + Math.imul(high, 0x1ce4e5b9)) | 0;
      low = Math.imul(low, 0x1ce4e5b9);

      low ^= (low >>> 27) | (high << 5);
      high ^= high >>> 27;
      high = (upperProduct(low, 0x133111eb) + Math.imul(low, 0x94d049bb) + Math.imul(high, 0x133111eb)) | 0;
      low = Math.imul(low, 0x133111eb);

      lows[index] = low ^ ((low >>> 31) | (high << 1));
      highs[index] = high ^ (high >>> 31);
    }
    this.#stateHigh = stateHigh;
    this.#stateLow = stateLow;
  }
}

/**
 * Bits 32 .. 63 of the product of two 32-bit numbers. The product as a double is wrong by at most 2^10, so what is
 * left of it without its lower word, which is known, is wrong by a tiny part of 2^32.
 */
function upperProduct(a: number, factor: number): number {
  const lower = Math.imul(a, factor) >>> 0;
  return (((a >>> 0) * factor - lower) / 0x1_0000_0000 + 0.5) | 0;
}

/** A draw modulo `bound`, exactly; bound at most 2^26. */
export function modulo(high: number, low: number, bound: number): number {
  const upper = high >>> 0;
  const upperRest = upper - Math.floor(upper / bound) * bound;
  // The quotient is below 2^32 and may be wrong by one, so 32 bits of the remainder say all.
  const quotient = Math.floor((upperRest * 0x1_0000_0000 + (low >>> 0)) / bound);
  const rest = (low - Math.imul(quotient, bound)) | 0;
  if (rest < 0) return rest + bound;
  return rest >= bound ? rest - bound : rest;
}

/** The upper 53 bits of a draw: evenly spread over 0 .. FRACTIONS - 1. */
export function fraction(high: number, low: number): number {
  return (high >>> 0) * 0x20_0000 + (low >>> 11);
}

/** The lower 32 bits as a signed number. */
function signedWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
