import type { Process } from "./process.ts";

const INITIAL_CAPACITY = 64;

/**
 * Processes in the order in which they became ready: a ring, since an array that is emptied by its length gives up its
 * memory and asks for new at the next push.
 */
export class ReadyQueue {
  /** A power of two long. */
  #ring: (Process | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(process: Process): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length++) & (this.#ring.length - 1)] = process;
  }

  /** Takes out the first; there must be one. */
  shift(): Process {
    const process = this.#ring[this.#head]!;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return process;
  }

  #grow(): void {
    const free = new Array<undefined>(this.#length).fill(undefined);
    this.#ring = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head), ...free];
    this.#head = 0;
  }
}
