import { type Duration, MICROSECOND, NANOSECOND } from "../engine/index.ts";

/**
 * CPU time of the memory manager's steps on a desktop CPU of about 3.5 GHz. Only the first two are measured by
 * others; the rest are estimates of the usual order of magnitude.
 */
export interface MmCosts {
  /** Fault entry and exit, allocation and clearing of a page: median of a Linux 6.6 laptop measurement. */
  readonly minorFault: Duration;
  /** Making a read-only page writable in place: entry and exit, about 1050 cycles on Haswell. */
  readonly reuseFault: Duration;
  /** Mapping a page that is in the swap cache and going back to the program. Estimate. */
  readonly finishFault: Duration;
  /** Software part of a read from swap, up to waiting for it: look-up, allocation, bio, switch. Estimate. */
  readonly swapIn: Duration;
  /** Reclaim looks at a page and keeps it. Estimate. */
  readonly scanPage: Duration;
  /** Reclaim frees a clean page. Estimate. */
  readonly freePage: Duration;
  /** Reclaim unmaps a page, gives it a slot and submits the write. Estimate. */
  readonly writePage: Duration;
  /** Taking a batch of pages off a list and putting them back: locks, flushes of other CPUs' TLBs. Estimate. */
  readonly shrinkCall: Duration;
  /** Reclaim passes over a page of a higher zone. Estimate. */
  readonly skipPage: Duration;
  /** Reclaim moves a page from the active to the inactive list. Estimate. */
  readonly deactivatePage: Duration;
  /** One pass of reclaim at one priority besides the pages: shrinkers, iteration of groups. Estimate. */
  readonly reclaimPass: Duration;
  /** Folding the per-CPU statistics of all groups (mem_cgroup_flush_stats). Estimate. */
  readonly flushStatistics: Duration;
  /** Looking at one page table entry while aging (walk_pte_range). Estimate. */
  readonly walkPte: Duration;
  /** Sorting a page of the oldest generation into another one (sort_folio). Estimate. */
  readonly sortPage: Duration;
  /** Unpacking a compressed page. LZ4 of a 4 KiB page: about 2 us on a desktop, from published measurements of zram. */
  readonly decompress: Duration;
  /** A page of a file enters the page cache. Estimate. */
  readonly filePage: Duration;
  /** read() of one page that is in memory, copying included. Estimate. */
  readonly readPage: Duration;
}

export const desktopCosts: MmCosts = {
  minorFault: 1 * MICROSECOND,
  reuseFault: 300 * NANOSECOND,
  finishFault: 1 * MICROSECOND,
  swapIn: 2 * MICROSECOND,
  scanPage: 200 * NANOSECOND,
  freePage: 400 * NANOSECOND,
  writePage: 1500 * NANOSECOND,
  shrinkCall: 5 * MICROSECOND,
  skipPage: 20 * NANOSECOND,
  deactivatePage: 100 * NANOSECOND,
  reclaimPass: 1 * MICROSECOND,
  flushStatistics: 1 * MICROSECOND,
  walkPte: 30 * NANOSECOND,
  sortPage: 200 * NANOSECOND,
  decompress: 1700 * NANOSECOND,
  filePage: 250 * NANOSECOND,
  readPage: 1 * MICROSECOND,
};
