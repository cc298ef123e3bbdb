/** The factor is 2^40 + this (the prime of the 64-bit FNV hash). */
const FACTOR = 0x1b3;

/**
 * The hash by which a sequence of accesses is compared with the one a real program made:
 * h = (h xor access) * (2^40 + 0x1b3) in 64 bits, from 0, for each access `page * 2 + write`.
 */
export class TraceHash {
  #high = 0;
  #low = 0;

  /** Adds the first `count` accesses of a batch. */
  add(batch: Uint32Array, count: number): void {
    let high = this.#high;
    let low = this.#low;
    for (let index = 0; index < count; index++) {
      low ^= batch[index]!;
      const product = (low >>> 0) * FACTOR;
      high = (Math.imul(high, FACTOR) + Math.floor(product / 0x1_0000_0000) + (low << 8)) | 0;
      low = product | 0;
    }
    this.#high = high;
    this.#low = low;
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
