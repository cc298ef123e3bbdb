/** A running hash of everything that happened. Two runs that differ anywhere differ here. Not for cryptography. */
export class Fingerprint {
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;

  /** Mixes two whole numbers (each below 2^53) into the hash. */
  mix(first: number, second = 0): void {
    const high = Math.floor(first / 0x1_0000_0000);
    this.#low = Math.imul(this.#low ^ (first | 0), 0x01000193) ^ high;
    this.#high = Math.imul((this.#high << 13) ^ (this.#high >>> 19) ^ this.#low, 0x85ebca6b) ^ (second | 0);
  }

  /** Mixes a text, for names and verdicts at the end of a run. */
  mixText(text: string): void {
    for (let index = 0; index < text.length; index++) this.mix(text.charCodeAt(index), index);
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
