import type { Pages } from "../engine/index.ts";
import { PageLists } from "./page-lists.ts";
import type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";

const RESIDENT = 1;

/**
 * The page that was not used for longest goes. Each access puts its page in front of one list; the victim stands at
 * its end. Memory of one more page always holds what less memory holds ("inclusion"), so more of it never hurts.
 */
class Lru implements Replacement {
  readonly #capacity: Pages;
  readonly #lists: PageLists;

  constructor({ pages, capacity }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#lists = new PageLists(1, pages);
  }

  get size(): Pages {
    return this.#lists.size(RESIDENT);
  }

  has(page: PageNumber): boolean {
    return this.#lists.on[page] === RESIDENT;
  }

  access(page: PageNumber): boolean {
    if (this.has(page)) {
      this.#lists.moveFirst(page);
      return true;
    }
    if (this.size === this.#capacity) this.evict();
    this.insert(page);
    return false;
  }

  touch(page: PageNumber): void {
    if (this.has(page)) this.#lists.moveFirst(page);
  }

  insert(page: PageNumber): void {
    this.#lists.addFirst(RESIDENT, page);
  }

  evict(): PageNumber {
    return this.#lists.removeLast(RESIDENT);
  }

  remove(page: PageNumber): void {
    this.#lists.remove(page);
  }

  grow(pages: Pages): void {
    this.#lists.grow(pages);
  }
}

export const lru: ReplacementEntry = {
  name: "lru",
  summary: "Exact LRU: the page whose last use is longest ago goes.",
  source:
    "P. J. Denning, The working set model for program behavior, CACM 1968; R. L. Mattson et al., IBM Systems Journal 1970",
  parameters: {},
  seesEveryAccess: true,
  countsAccesses: false,
  needsFuture: false,
  create: (options) => new Lru(options),
};
