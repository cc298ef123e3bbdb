import type { Pages } from "../engine/index.ts";
import { PageLists } from "./page-lists.ts";
import type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";

/** Used once lately: in memory, and remembered only. */
const T1 = 1;
const B1 = 2;
/** Used at least twice lately: in memory, and remembered only. */
const T2 = 3;
const B2 = 4;

/**
 * Two LRU lists share memory: T1 for pages seen once, T2 for pages seen again. Each has a list of ghosts, B1 and B2,
 * of pages that left it not long ago. A miss on a ghost says which of the two was too short, and moves the target
 * size of T1 that way: by one page, or by more if that list of ghosts is the shorter one. The victim comes from T1 if
 * it is above its target, else from T2. With the ghosts each half remembers as many pages as memory holds: T1 and B1
 * together at most `capacity`, all four lists at most twice that.
 *
 * In the paper the ghosts that must go are dropped before a victim is chosen, here just before the new page comes in;
 * the outcome is the same, and so a machine may choose victims long before it needs the room.
 */
class Arc implements Replacement {
  readonly #capacity: Pages;
  readonly #lists: PageLists;
  /** Size that T1 should have (p). Not a whole number in general. */
  #target = 0;

  constructor({ pages, capacity }: ReplacementOptions) {
    this.#capacity = capacity;
    this.#lists = new PageLists(4, pages);
  }

  get size(): Pages {
    return this.#lists.size(T1) + this.#lists.size(T2);
  }

  has(page: PageNumber): boolean {
    const list = this.#lists.on[page];
    return list === T1 || list === T2;
  }

  access(page: PageNumber): boolean {
    const list = this.#lists.on[page]!;
    if (list === T1 || list === T2) {
      this.touch(page);
      return true;
    }
    this.#adapt(list);
    if (this.size === this.#capacity) this.#replace(list === B2);
    this.#bringIn(page);
    return false;
  }

  touch(page: PageNumber): void {
    const list = this.#lists.on[page];
    if (list === T2) this.#lists.moveFirst(page);
    else if (list === T1) this.#lists.move(page, T2);
  }

  insert(page: PageNumber): void {
    this.#adapt(this.#lists.on[page]!);
    this.#bringIn(page);
  }

  evict(): PageNumber {
    return this.#replace(false);
  }

  remove(page: PageNumber): void {
    this.#lists.remove(page);
  }

  grow(pages: Pages): void {
    this.#lists.grow(pages);
  }

  /** A miss on a ghost of one list makes that list's target larger. */
  #adapt(list: number): void {
    const ghosts1 = this.#lists.size(B1);
    const ghosts2 = this.#lists.size(B2);
    if (list === B1) {
      this.#target = Math.min(this.#capacity, this.#target + Math.max(1, ghosts2 / ghosts1));
    } else if (list === B2) {
      this.#target = Math.max(0, this.#target - Math.max(1, ghosts1 / ghosts2));
    }
  }

  /** REPLACE: the last page of T1 or T2 leaves memory and becomes a ghost. */
  #replace(forGhostOfT2: boolean): PageNumber {
    const lists = this.#lists;
    const once = lists.size(T1);
    const isTooLong = once > this.#target || (forGhostOfT2 && once === this.#target);
    const from = (once > 0 && isTooLong) || lists.size(T2) === 0 ? T1 : T2;
    const page = lists.last(from);
    lists.move(page, from === T1 ? B1 : B2);
    return page;
  }

  /** A ghost has been seen before and goes to T2, any other page to T1. */
  #bringIn(page: PageNumber): void {
    if (this.#lists.on[page] === 0) {
      this.#dropGhosts();
      this.#lists.addFirst(T1, page);
    } else {
      this.#lists.move(page, T2);
    }
  }

  /** Makes room for one more page among those that are known. */
  #dropGhosts(): void {
    const lists = this.#lists;
    const once = lists.size(T1) + lists.size(B1);
    const known = once + lists.size(T2) + lists.size(B2);
    if (once >= this.#capacity && lists.size(B1) > 0) lists.removeLast(B1);
    else if (known >= 2 * this.#capacity && lists.size(B2) > 0) lists.removeLast(B2);
  }
}

export const arc: ReplacementEntry = {
  name: "arc",
  summary: "Adaptive replacement cache: recency and frequency share memory as misses on ghosts say.",
  source: "N. Megiddo, D. S. Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003",
  parameters: {},
  seesEveryAccess: true,
  countsAccesses: true,
  needsFuture: false,
  create: (options) => new Arc(options),
};
