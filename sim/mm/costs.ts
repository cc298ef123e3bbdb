import { type Costs, type CostTable, MICROSECOND, NANOSECOND, timesOf } from "../engine/index.ts";

/** Steps of the memory manager that cost CPU time. */
export type MmCost =
  | "minorFault"
  | "reuseFault"
  | "finishFault"
  | "swapIn"
  | "scanPage"
  | "freePage"
  | "writePage"
  | "shrinkCall"
  | "skipPage"
  | "deactivatePage"
  | "reclaimPass"
  | "flushStatistics"
  | "walkPte"
  | "sortPage"
  | "copyPte"
  | "decompress"
  | "filePage"
  | "readPage";

export type MmCosts = Costs<MmCost>;

/** CPU times of the memory manager on a desktop CPU of about 3.5 GHz. */
export const MM_COSTS: CostTable<MmCost> = {
  minorFault: {
    time: 1 * MICROSECOND,
    meaning: "fault entry and exit, allocation and clearing of a page",
    source: "median of a Linux 6.6 laptop measurement",
  },
  reuseFault: {
    time: 300 * NANOSECOND,
    meaning: "making a read-only page writable in place",
    source: "fault entry and exit, about 1050 cycles on Haswell",
  },
  finishFault: {
    time: 1 * MICROSECOND,
    meaning: "mapping a page that is in the swap cache and going back to the program",
  },
  swapIn: {
    time: 2 * MICROSECOND,
    meaning: "software part of a read from swap, up to waiting for it: look-up, allocation, bio, switch",
  },
  scanPage: { time: 200 * NANOSECOND, meaning: "reclaim looks at a page and keeps it" },
  freePage: { time: 400 * NANOSECOND, meaning: "reclaim frees a clean page" },
  writePage: {
    time: 1500 * NANOSECOND,
    meaning: "reclaim unmaps a page, gives it a slot and submits the write",
  },
  shrinkCall: {
    time: 5 * MICROSECOND,
    meaning: "taking a batch of pages off a list and putting them back: locks, flushes of other CPUs' TLBs",
  },
  skipPage: { time: 20 * NANOSECOND, meaning: "reclaim passes over a page of a higher zone" },
  deactivatePage: {
    time: 100 * NANOSECOND,
    meaning: "reclaim moves a page from the active to the inactive list",
  },
  reclaimPass: {
    time: 1 * MICROSECOND,
    meaning: "one pass of reclaim at one priority besides the pages: shrinkers, iteration of groups",
  },
  flushStatistics: {
    time: 1 * MICROSECOND,
    meaning: "folding the per-CPU statistics of all groups (mem_cgroup_flush_stats)",
  },
  walkPte: { time: 30 * NANOSECOND, meaning: "looking at one page table entry while aging (walk_pte_range)" },
  sortPage: {
    time: 200 * NANOSECOND,
    meaning: "sorting a page of the oldest generation into another one (sort_folio)",
  },
  copyPte: {
    time: 40 * NANOSECOND,
    meaning: "fork copies one page table entry, counts one more user of its page and write-protects both",
    source: "Redis documentation: forks of 6 to 7 GB on physical machines took 9 to 13 ms a gigabyte",
  },
  decompress: {
    time: 1700 * NANOSECOND,
    meaning: "unpacking a compressed page, LZ4",
    source: "LZ4 of a 4 KiB page, published measurements of zram",
  },
  filePage: { time: 250 * NANOSECOND, meaning: "a page of a file enters the page cache" },
  readPage: { time: 1 * MICROSECOND, meaning: "read() of one page that is in memory, copying included" },
};

export const desktopCosts: MmCosts = timesOf(MM_COSTS);
