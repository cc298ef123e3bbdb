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

/** A range of slots, both ends included. */
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
  #hits = HITS_AT_BOOT;
  #previous = 0;
  #window = 0;

  /** `pageCluster` is the sysctl: log2 of the largest window. */
  constructor(pageCluster: number) {
    this.#max = 2 ** pageCluster;
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

/** The aligned range of `pages` (a power of two) around `slot`, without the header and the end of the area. */
export function clusterRange(slot: number, pages: number, slots: number): SlotRange {
  const start = Math.floor(slot / pages) * pages;
  return { first: Math.max(start, 1), last: Math.min(start + pages - 1, slots - 1) };
}
