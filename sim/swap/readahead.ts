import type { SwapArea } from "./swap-area.ts";

/** The hit counter of the readahead starts at 4 at boot (swapin_readahead_hits, 6.1). */
const HITS_AT_BOOT = 4;

/** What the window of one readahead depends on (__swapin_nr_pages, 6.1). */
export interface WindowInput {
  /** Where the previous fault without hits was. */
  readonly previous: number;
  readonly offset: number;
  /** Hits on pages read ahead since the last window. */
  readonly hits: number;
  readonly max: number;
  readonly previousWindow: number;
}

/** How many pages to read: grows with hits, shrinks by half at most. */
export function windowSize({ previous, offset, hits, max, previousWindow }: WindowInput): number {
  let pages = hits + 2;
  if (pages === 2) {
    if (offset !== previous + 1 && offset !== previous - 1) pages = 1;
  } else {
    let roundup = 4;
    while (roundup < pages) roundup *= 2;
    pages = roundup;
  }
  return Math.max(Math.min(pages, max), Math.floor(previousWindow / 2));
}

/** What a readahead remembers between faults. */
export interface ReadaheadState {
  readonly hits: number;
  readonly window: number;
}

/** A range of slots or pages, both ends included. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Cluster readahead (swap_cluster_readahead, 6.1): an aligned window around the slot. Its three variables are global:
 * they live as long as the machine and are shared by all areas and tasks.
 */
export class ClusterReadahead {
  readonly #max: number;
  #hits: number;
  #previous = 0;
  #window: number;

  /** `pageCluster` is the sysctl: log2 of the largest window. */
  constructor(pageCluster: number, state: ReadaheadState = { hits: HITS_AT_BOOT, window: 0 }) {
    this.#max = 2 ** pageCluster;
    this.#hits = state.hits;
    this.#window = state.window;
  }

  /** A page that was read ahead is used. */
  hit(): void {
    this.#hits++;
  }

  /** The slots to read for a fault on `slot`; the target alone if there is no pattern. */
  window(area: SwapArea, slot: number): SlotRange {
    if (this.#max === 1) return { first: slot, last: slot };
    const hits = this.#hits;
    this.#hits = 0;
    const pages = windowSize({
      previous: this.#previous,
      offset: slot,
      hits,
      max: this.#max,
      previousWindow: this.#window,
    });
    if (hits === 0) this.#previous = slot;
    this.#window = pages;
    if (pages === 1) return { first: slot, last: slot };
    return clusterRange(slot, pages, area.slots);
  }
}

/** Address before the first page of any mapping: no fault is next to it. */
const NOWHERE = -2;
/** Largest hit count that fits the mapping's word (SWAP_RA_HITS_MAX, 6.1). */
const VMA_HITS_MAX = 63;
/** Largest window of this kind: 2^5 pages (SWAP_RA_ORDER_CEILING, 6.1). */
const VMA_ORDER_MAX = 5;
/** Pages under one page-table page; a window does not cross its border. */
const PMD_PAGES = 512;

/**
 * VMA readahead (swap_vma_readahead, 6.1): a window of neighbouring addresses. Its word belongs to the mapping. Used
 * while no rotational area is active.
 */
export class VmaReadahead {
  #previous = NOWHERE;
  #window = 0;
  #hits = HITS_AT_BOOT;

  /** Any hit in the swap cache moves the previous address; one on a marked page counts for the next window. */
  hit(page: number, marked: boolean): void {
    this.#previous = page;
    if (marked && this.#hits < VMA_HITS_MAX) this.#hits++;
  }

  /** The pages to read for a fault on `page` of a mapping of `pages` pages; the target alone if there is no pattern. */
  window(page: number, pages: number, pageCluster: number): SlotRange {
    const max = 1 << Math.min(pageCluster, VMA_ORDER_MAX);
    if (max === 1) return { first: page, last: page };
    const previous = this.#previous;
    const size = windowSize({
      previous,
      offset: page,
      hits: this.#hits,
      max,
      previousWindow: this.#window,
    });
    this.#previous = page;
    this.#window = size;
    this.#hits = 0;
    if (size === 1) return { first: page, last: page };
    const first = firstOfWindow(page, previous, size);
    const table = page - (page % PMD_PAGES);
    return {
      first: Math.max(first, table, 0),
      last: Math.min(first + size, table + PMD_PAGES, pages) - 1,
    };
  }
}

/** Ahead of an ascending scan, behind a descending one, around everything else. */
function firstOfWindow(page: number, previous: number, size: number): number {
  if (page === previous + 1) return page;
  if (page === previous - 1) return page - size + 1;
  return page - Math.floor((size - 1) / 2);
}

/** The aligned range of `pages` (a power of two) around `slot`, without the header and the end of the area. */
export function clusterRange(slot: number, pages: number, slots: number): SlotRange {
  const start = Math.floor(slot / pages) * pages;
  return { first: Math.max(start, 1), last: Math.min(start + pages - 1, slots - 1) };
}
