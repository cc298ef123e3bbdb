import type { Pages } from "../engine/index.ts";
import { PageLists } from "./page-lists.ts";
import {
  NO_PAGE,
  type PageNumber,
  type Replacement,
  type ReplacementEntry,
  type ReplacementOptions,
} from "./replacement.ts";

const SMALL = 1;
const MAIN = 2;
const GHOST = 3;

/** A page counts its accesses up to this: two bits. */
const ACCESSES_MAX = 3;

/**
 * Three queues. New pages enter a small one, a tenth of memory, which sorts out those that are used once: a page that
 * reaches its end with two accesses more goes to the main queue, others leave memory and are remembered as ghosts,
 * as many as the main queue holds. A ghost that comes back enters the main queue at once. The main queue is a clock
 * that counts: a page at its end with accesses left pays one for another round. A hit counts and moves nothing.
 */
class S3Fifo implements Replacement {
  readonly #capacity: Pages;
  readonly #smallTarget: Pages;
  readonly #queues: PageLists;
  /** Accesses since a page entered its queue, less the rounds paid. */
  #accesses: Uint8Array;

  constructor({ pages, capacity }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#smallTarget = Math.max(1, Math.floor(capacity / 10));
    this.#queues = new PageLists(3, pages);
    this.#accesses = new Uint8Array(pages);
  }

  get size(): Pages {
    return this.#queues.size(SMALL) + this.#queues.size(MAIN);
  }

  has(page: PageNumber): boolean {
    const queue = this.#queues.on[page];
    return queue === SMALL || queue === MAIN;
  }

  access(page: PageNumber): boolean {
    if (this.has(page)) {
      this.#count(page);
      return true;
    }
    const isGhost = this.#forget(page);
    if (this.size === this.#capacity) this.evict();
    this.#enter(page, isGhost ? MAIN : SMALL);
    return false;
  }

  touch(page: PageNumber): void {
    if (this.has(page)) this.#count(page);
  }

  insert(page: PageNumber): void {
    this.#enter(page, this.#forget(page) ? MAIN : SMALL);
  }

  evict(): PageNumber {
    if (this.#queues.size(SMALL) >= this.#smallTarget || this.#queues.size(MAIN) === 0) {
      const page = this.#evictFromSmall();
      if (page !== NO_PAGE) return page;
    }
    return this.#evictFromMain();
  }

  remove(page: PageNumber): void {
    this.#queues.remove(page);
  }

  grow(pages: Pages): void {
    this.#queues.grow(pages);
    const accesses = new Uint8Array(pages);
    accesses.set(this.#accesses);
    this.#accesses = accesses;
  }

  #count(page: PageNumber): void {
    if (this.#accesses[page]! < ACCESSES_MAX) this.#accesses[page]!++;
  }

  #enter(page: PageNumber, queue: number): void {
    this.#accesses[page] = 0;
    this.#queues.addFirst(queue, page);
  }

  /** Takes a page off the ghosts; says whether it was one. */
  #forget(page: PageNumber): boolean {
    const isGhost = this.#queues.on[page] === GHOST;
    if (isGhost) this.#queues.remove(page);
    return isGhost;
  }

  /** NO_PAGE if all pages of the queue went to the main one. */
  #evictFromSmall(): PageNumber {
    while (this.#queues.size(SMALL) > 0) {
      const page = this.#queues.removeLast(SMALL);
      if (this.#accesses[page]! > 1) {
        this.#enter(page, MAIN);
        continue;
      }
      this.#remember(page);
      return page;
    }
    return NO_PAGE;
  }

  #evictFromMain(): PageNumber {
    for (;;) {
      const page = this.#queues.last(MAIN);
      if (this.#accesses[page] === 0) {
        this.#queues.remove(page);
        return page;
      }
      this.#accesses[page]!--;
      this.#queues.moveFirst(page);
    }
  }

  #remember(page: PageNumber): void {
    this.#queues.addFirst(GHOST, page);
    if (this.#queues.size(GHOST) > this.#capacity - this.#smallTarget) this.#queues.removeLast(GHOST);
  }
}

export const s3Fifo: ReplacementEntry = {
  name: "s3-fifo",
  summary: "A small queue sorts out pages used once; a main queue with counters; ghosts.",
  source: "J. Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023",
  parameters: {},
  seesEveryAccess: true,
  countsAccesses: true,
  needsFuture: false,
  create: (options) => new S3Fifo(options),
};
