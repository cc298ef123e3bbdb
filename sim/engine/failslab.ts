/** Lets one allocation of kernel memory fail on purpose, as failslab of CONFIG_FAULT_INJECTION does. */
export class FailSlab {
  #left = Number.POSITIVE_INFINITY;
  readonly #chosen: () => boolean;

  /** `chosen` is asked at every allocation whether it fails, besides the one that is armed; left out: none does. */
  constructor(chosen: () => boolean = () => false) {
    this.#chosen = chosen;
  }

  /** The allocation number `which` from now on fails, counted from 1; the others do not. */
  arm(which: number): void {
    this.#left = which;
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  /** Asked at each allocation that can fail: whether this is the one. */
  fails(): boolean {
    return --this.#left === 0 || this.#chosen();
  }
}
