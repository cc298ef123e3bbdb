import type { Violation, ViolationClass } from "../result.ts";

/** Violations that are listed in full; the rest is only counted. */
const LISTED_MAX = 100;

/** Everything that went wrong: all of it counted, the first hundred told. */
export class ViolationLedger {
  readonly listed: Violation[] = [];
  readonly #byClass: Record<ViolationClass, number> = {
    A: 0,
    B: 0,
    C: 0,
    D: 0,
    E: 0,
    F: 0,
    G: 0,
    H: 0,
    L: 0,
  };
  readonly #pages = new Set<string>();
  readonly #files = new Set<number>();

  get total(): number {
    return Object.values(this.#byClass).reduce((sum, count) => sum + count, 0);
  }

  get corruptPages(): number {
    return this.#pages.size;
  }

  get corruptFiles(): number {
    return this.#files.size;
  }

  byClass(): Readonly<Record<ViolationClass, number>> {
    return { ...this.#byClass };
  }

  /** Counts a violation; `tell` is only called while there is room in the list. */
  add(kind: ViolationClass, tell: () => Violation): void {
    this.#byClass[kind]++;
    if (this.listed.length < LISTED_MAX) this.listed.push(tell());
  }

  pageHarmed(task: number, page: number): void {
    this.#pages.add(`${task}:${page}`);
  }

  fileHarmed(owner: number): void {
    this.#files.add(owner);
  }
}
