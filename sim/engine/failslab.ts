import type { Process } from "./process.ts";

/**
 * Lets one allocation of kernel memory fail on purpose, as failslab of CONFIG_FAULT_INJECTION does with fail-nth: it is
 * armed for the process that arms it, and nobody else's allocations count.
 */
export class FailSlab {
  readonly #left = new Map<Process, number>();
  readonly #current: () => Process;
  readonly #chosen: () => boolean;

  /**
   * `current` is the process that runs; `chosen` is asked at every allocation whether it fails, besides the one that is
   * armed; left out: none does.
   */
  constructor(current: () => Process, chosen: () => boolean = () => false) {
    this.#current = current;
    this.#chosen = chosen;
  }

  /** The allocation number `which` of this process fails from now on, counted from 1; the others do not. */
  arm(which: number): void {
    this.#left.set(this.#current(), which);
  }

  disarm(): void {
    this.#left.delete(this.#current());
  }

  /** Asked at each allocation that can fail: whether this is the one. */
  fails(): boolean {
    return this.#isArmedOne() || this.#chosen();
  }

  /** The machine has lost its power: nothing is armed any more. */
  forget(): void {
    this.#left.clear();
  }

  #isArmedOne(): boolean {
    if (this.#left.size === 0) return false;
    const process = this.#current();
    const left = this.#left.get(process);
    if (left === undefined) return false;
    this.#left.set(process, left - 1);
    return left === 1;
  }
}
