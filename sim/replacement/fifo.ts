import type { Pages } from "../engine/index.ts";
import { PageLists } from "./page-lists.ts";
import type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";

const RESIDENT = 1;

/**
 * The page that came in first goes, used or not. Cheap, and known for Belady's anomaly: more memory can mean more
 * misses.
 */
class Fifo implements Replacement {
  readonly #capacity: Pages;
  readonly #queue: PageLists;

  constructor({ pages, capacity }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#queue = new PageLists(1, pages);
  }

  get size(): Pages {
    return this.#queue.size(RESIDENT);
  }

  has(page: PageNumber): boolean {
    return this.#queue.on[page] === RESIDENT;
  }

  access(page: PageNumber): boolean {
    if (this.has(page)) return true;
    if (this.size === this.#capacity) this.evict();
    this.insert(page);
    return false;
  }

  touch(): void {}

  insert(page: PageNumber): void {
    this.#queue.addFirst(RESIDENT, page);
  }

  evict(): PageNumber {
    return this.#queue.removeLast(RESIDENT);
  }

  remove(page: PageNumber): void {
    this.#queue.remove(page);
  }

  grow(pages: Pages): void {
    this.#queue.grow(pages);
  }
}

export const fifo: ReplacementEntry = {
  name: "fifo",
  summary: "The page that has been in memory longest goes.",
  source: "L. A. Belady, R. A. Nelson, G. S. Shedler, An anomaly in space-time characteristics, CACM 1969",
  parameters: {},
  seesEveryAccess: false,
  countsAccesses: false,
  needsFuture: false,
  create: (options) => new Fifo(options),
};
