import { type Instant, zeroCounters } from "../engine/index.ts";

/** Classes of violation: how contents came to harm. */
export const VIOLATION_CLASSES = {
  A: "wrong page read",
  B: "file damaged",
  C: "metadata damaged",
  D: "discarded",
  E: "stale read through the filesystem",
  F: "snapshot or clone changed",
  G: "mirrors differ",
  H: "device gone",
  L: "lost store",
} as const;
export type ViolationClass = keyof typeof VIOLATION_CLASSES;

/** One thing that read back wrong, was overwritten or lost. */
export interface Violation {
  readonly class: ViolationClass;
  readonly at: Instant;
  /** Page or file and block. */
  readonly what: string;
  readonly got: string;
  readonly expected: string;
  /** The chain of events that led there, oldest first. */
  readonly because: readonly { readonly at: Instant; readonly what: string }[];
}

/** How much went wrong in all. */
export interface ViolationTotals {
  readonly byClass: Readonly<Record<ViolationClass, number>>;
  readonly corruptPages: number;
  readonly corruptFiles: number;
}

/** Violations that are listed in full; the rest is only counted. */
const LISTED_MAX = 100;

const NONE = zeroCounters(Object.keys(VIOLATION_CLASSES) as ViolationClass[]);

/** Everything that went wrong: all of it counted, the first hundred told, among them the first of each class. */
export class ViolationLedger {
  readonly listed: Violation[] = [];
  readonly #byClass = { ...NONE };
  readonly #pages = new Set<string>();
  readonly #files = new Set<number>();

  get total(): number {
    return Object.values(this.#byClass).reduce((sum, count) => sum + count, 0);
  }

  totals(): ViolationTotals {
    return { byClass: this.byClass(), corruptPages: this.#pages.size, corruptFiles: this.#files.size };
  }

  byClass(): Readonly<Record<ViolationClass, number>> {
    return { ...this.#byClass };
  }

  /** Counts a violation; `tell` is only called while there is room in the list. */
  add(kind: ViolationClass, tell: () => Violation): void {
    this.#byClass[kind]++;
    const isFirst = this.#byClass[kind] === 1;
    if (isFirst || this.listed.length < LISTED_MAX - this.#unseenClasses()) this.listed.push(tell());
  }

  /** Classes that may still come up: a place in the list is kept for each. */
  #unseenClasses(): number {
    return Object.values(this.#byClass).filter((count) => count === 0).length;
  }

  pageHarmed(task: number, page: number): void {
    this.#pages.add(`${task}:${page}`);
  }

  fileHarmed(owner: number): void {
    this.#files.add(owner);
  }
}
