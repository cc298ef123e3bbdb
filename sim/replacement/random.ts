import type { Pages, RandomStream } from "../engine/index.ts";
import type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";

const ABSENT = -1;

/** Any page goes, each with the same probability. What a policy must beat to be worth its trouble. */
class Random implements Replacement {
  readonly #capacity: Pages;
  readonly #random: RandomStream;
  /** The pages in memory, in no order. */
  #resident: Int32Array;
  #size = 0;
  /** Where each page stands in `resident`, or ABSENT. */
  #place: Int32Array;

  constructor({ pages, capacity, random }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#random = random;
    this.#resident = new Int32Array(pages);
    this.#place = new Int32Array(pages).fill(ABSENT);
  }

  get size(): Pages {
    return this.#size;
  }

  has(page: PageNumber): boolean {
    return this.#place[page] !== ABSENT;
  }

  access(page: PageNumber): boolean {
    if (this.has(page)) return true;
    if (this.#size === this.#capacity) this.evict();
    this.insert(page);
    return false;
  }

  touch(): void {}

  insert(page: PageNumber): void {
    this.#resident[this.#size] = page;
    this.#place[page] = this.#size++;
  }

  evict(): PageNumber {
    const page = this.#resident[this.#random.below(this.#size)]!;
    this.remove(page);
    return page;
  }

  remove(page: PageNumber): void {
    const place = this.#place[page]!;
    const last = this.#resident[--this.#size]!;
    this.#resident[place] = last;
    this.#place[last] = place;
    this.#place[page] = ABSENT;
  }

  grow(pages: Pages): void {
    const resident = new Int32Array(pages);
    resident.set(this.#resident);
    this.#resident = resident;
    const place = new Int32Array(pages).fill(ABSENT);
    place.set(this.#place);
    this.#place = place;
  }
}

export const random: ReplacementEntry = {
  name: "random",
  summary: "Any page goes, each with the same probability.",
  source:
    "L. A. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 1966",
  parameters: {},
  seesEveryAccess: false,
  countsAccesses: false,
  needsFuture: false,
  create: (options) => new Random(options),
};
