import { fail, type Pages } from "../engine/index.ts";
import type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";

const ABSENT = -1;
/** Position of an access that never comes. */
const NEVER = 0x7fff_ffff;

/**
 * Bélády's optimum: the page whose next use is furthest away goes. No rule that brings in pages one by one, when
 * they are asked for, has fewer misses; none that must decide at once can do the same, because this one knows the
 * whole reference string. It shows what is left to gain.
 *
 * The pages in memory form a heap by the position of their next access. An access moves its own page only, from the
 * nearest position to a later one.
 */
class Min implements Replacement {
  readonly #capacity: Pages;
  /** For each access of the string, the next one to the same page. */
  readonly #following: Int32Array;
  /** For each page its first access that has not happened yet. */
  #upcoming: Int32Array;
  /** Accesses so far. */
  #now = 0;
  /** The pages in memory: the next access of no page is later than that of its parent. */
  #heap: Int32Array;
  #size = 0;
  /** Where each page stands in the heap, or ABSENT. */
  #place: Int32Array;

  constructor({ pages, capacity, future }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#heap = new Int32Array(pages);
    this.#place = new Int32Array(pages).fill(ABSENT);
    this.#upcoming = new Int32Array(pages).fill(NEVER);
    const accesses = future();
    this.#following = new Int32Array(accesses.length);
    for (let position = accesses.length - 1; position >= 0; position--) {
      const page = accesses[position]!;
      this.#following[position] = this.#upcoming[page]!;
      this.#upcoming[page] = position;
    }
  }

  get size(): Pages {
    return this.#size;
  }

  has(page: PageNumber): boolean {
    return this.#place[page] !== ABSENT;
  }

  access(page: PageNumber): boolean {
    const isHit = this.has(page);
    if (!isHit && this.#size === this.#capacity) this.evict();
    this.touch(page);
    if (!isHit) this.insert(page);
    return isHit;
  }

  touch(page: PageNumber): void {
    if (this.#upcoming[page] !== this.#now) fail("the accesses are those that were foretold");
    this.#upcoming[page] = this.#following[this.#now++]!;
    if (this.has(page)) this.#siftUp(page);
  }

  insert(page: PageNumber): void {
    this.#place[page] = this.#size++;
    this.#siftUp(page);
  }

  evict(): PageNumber {
    const page = this.#heap[0]!;
    this.remove(page);
    return page;
  }

  remove(page: PageNumber): void {
    const place = this.#place[page]!;
    const last = this.#heap[--this.#size]!;
    this.#place[page] = ABSENT;
    if (last === page) return;
    this.#place[last] = place;
    this.#siftUp(last);
    this.#siftDown(last);
  }

  grow(pages: Pages): void {
    this.#heap = copy(this.#heap, pages, 0);
    this.#place = copy(this.#place, pages, ABSENT);
    this.#upcoming = copy(this.#upcoming, pages, NEVER);
  }

  /** Moves a page towards the root until its parent's next access is not earlier. */
  #siftUp(page: PageNumber): void {
    const upcoming = this.#upcoming;
    const when = upcoming[page]!;
    let place = this.#place[page]!;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above]!;
      if (upcoming[parent]! >= when) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(page, place);
  }

  /** Moves a page away from the root until no child's next access is later. */
  #siftDown(page: PageNumber): void {
    const upcoming = this.#upcoming;
    const when = upcoming[page]!;
    let place = this.#place[page]!;
    for (let below = 2 * place + 1; below < this.#size; below = 2 * place + 1) {
      const right = below + 1;
      if (right < this.#size && upcoming[this.#heap[right]!]! > upcoming[this.#heap[below]!]!) below = right;
      const child = this.#heap[below]!;
      if (upcoming[child]! <= when) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(page, place);
  }

  #put(page: PageNumber, place: number): void {
    this.#heap[place] = page;
    this.#place[page] = place;
  }
}

function copy(from: Int32Array, length: number, rest: number): Int32Array {
  const to = new Int32Array(length).fill(rest);
  to.set(from);
  return to;
}

export const min: ReplacementEntry = {
  name: "min",
  summary: "Bélády's optimum: the page whose next use is furthest away goes. Knows the future.",
  source:
    "L. A. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 1966",
  parameters: {},
  seesEveryAccess: true,
  countsAccesses: false,
  needsFuture: true,
  create: (options) => new Min(options),
};
