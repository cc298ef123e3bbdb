import { fail, type Pages } from "../engine/index.ts";
import type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";

const ABSENT = 0;
const UNUSED = 1;
const USED = 2;
const EMPTY = -1;

/**
 * The second chance: pages stand in a circle and a hand goes round. A page that was used since the hand last passed
 * loses its mark and stays; the first one without a mark goes, and the newcomer takes its place behind the hand.
 * One bit a page, which the hardware keeps as the accessed bit, is all that an access costs.
 */
class Clock implements Replacement {
  readonly #capacity: Pages;
  /** ABSENT, UNUSED or USED by page. */
  #state: Uint8Array;
  /** Page in each place of the circle, or EMPTY. */
  readonly #circle: Int32Array;
  #hand = 0;
  /** Place of each page. */
  #place: Int32Array;
  /** Places that became empty, to be filled in this order: a ring from `firstEmpty` up to `nextEmpty`. */
  readonly #empty: Int32Array;
  #firstEmpty = 0;
  #nextEmpty = 0;
  #size = 0;
  readonly #testAndClearAccessed: ((page: PageNumber) => boolean) | undefined;

  constructor({ pages, capacity, testAndClearAccessed }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#state = new Uint8Array(pages);
    this.#place = new Int32Array(pages);
    this.#circle = new Int32Array(capacity).fill(EMPTY);
    this.#empty = Int32Array.from({ length: capacity }, (_, place) => place);
    this.#testAndClearAccessed = testAndClearAccessed;
  }

  get size(): Pages {
    return this.#size;
  }

  has(page: PageNumber): boolean {
    return this.#state[page] !== ABSENT;
  }

  access(page: PageNumber): boolean {
    if (this.#state[page] !== ABSENT) {
      this.#state[page] = USED;
      return true;
    }
    if (this.#size === this.#capacity) this.evict();
    this.insert(page);
    return false;
  }

  touch(page: PageNumber): void {
    if (this.has(page)) this.#state[page] = USED;
  }

  insert(page: PageNumber): void {
    if (this.#size === this.#capacity) fail("a full clock has no place for another page");
    const place = this.#empty[this.#firstEmpty]!;
    this.#firstEmpty = this.#after(this.#firstEmpty);
    this.#circle[place] = page;
    this.#place[page] = place;
    this.#state[page] = UNUSED;
    this.#size++;
  }

  evict(): PageNumber {
    for (;;) {
      const page = this.#circle[this.#hand]!;
      this.#hand = this.#after(this.#hand);
      if (page === EMPTY || this.#wasUsed(page)) continue;
      this.remove(page);
      return page;
    }
  }

  remove(page: PageNumber): void {
    const place = this.#place[page]!;
    this.#circle[place] = EMPTY;
    this.#state[page] = ABSENT;
    this.#empty[this.#nextEmpty] = place;
    this.#nextEmpty = this.#after(this.#nextEmpty);
    this.#size--;
  }

  grow(pages: Pages): void {
    const state = new Uint8Array(pages);
    state.set(this.#state);
    this.#state = state;
    const place = new Int32Array(pages);
    place.set(this.#place);
    this.#place = place;
  }

  /** Takes the mark away and says whether it was there. */
  #wasUsed(page: PageNumber): boolean {
    const used = this.#testAndClearAccessed?.(page) ?? false;
    if (this.#state[page] !== USED) return used;
    this.#state[page] = UNUSED;
    return true;
  }

  #after(place: number): number {
    return place + 1 === this.#capacity ? 0 : place + 1;
  }
}

export const clock: ReplacementEntry = {
  name: "clock",
  summary: "FIFO with a second chance for pages used since they were last looked at.",
  source: "F. J. Corbató, A paging experiment with the Multics system, MIT Project MAC, 1968",
  parameters: {},
  seesEveryAccess: false,
  countsAccesses: false,
  needsFuture: false,
  create: (options) => new Clock(options),
};
