import { type CounterDeclaration, type Counters, zeroCounters } from "../engine/index.ts";

/** The counters by their names in /proc/vmstat, with what moves each (vm_event_item.h and its users, 6.1). */
const MEANINGS = {
  pgfault: "page faults handled, retries included",
  pgmajfault: "faults that did not find their page in the swap cache",
  pgreuse: "read-only pages of one's own made writable in place",
  pgalloc: "pages allocated",
  pgfree: "pages freed",
  pswpin: "pages read from swap, read-ahead ones included",
  pswpout: "pages written to swap",
  zswpin: "pages unpacked from zswap",
  zswpout: "pages kept by zswap",
  swpin_zero: "pages of zeroes that came back without being read",
  swpout_zero: "pages of zeroes that were not written",
  swap_ra: "pages read ahead",
  swap_ra_hit: "swap-cache hits on pages that carry the readahead mark",
  pgscan_anon: "anonymous pages isolated and looked at by reclaim",
  pgscan_file: "pages of files isolated and looked at by reclaim",
  pgskip: "pages of a higher zone that reclaim for a lower one passed over (sum of pgskip_*)",
  pgscan_kswapd: "pages looked at by kswapd",
  pgscan_direct: "pages looked at by allocating tasks, if the whole machine was short of memory",
  pgscan_direct_throttle: "direct reclaimers held back to keep the reserve",
  pgsteal_anon: "anonymous pages freed by reclaim",
  pgsteal_file: "pages of files freed by reclaim",
  pgsteal_kswapd: "pages freed by kswapd",
  pgsteal_direct: "pages freed by allocating tasks, if the whole machine was short of memory",
  pgactivate: "pages moved to the active list by reclaim",
  pgdeactivate: "pages moved from the active to the inactive list",
  pgrefill: "pages of the active list looked at",
  pgrotated: "pages moved to the tail when their write ended",
  workingset_refault_anon: "evicted pages that came back",
  workingset_activate_anon: "those that came back active, for their short refault distance",
  workingset_restore_anon: "those of them that had been active before",
  workingset_refault_file: "evicted pages of files that came back",
  workingset_activate_file: "those that came back active, for their short refault distance",
  workingset_restore_file: "those of them that had been active before",
  allocstall: "direct reclaim calls",
  pageoutrun: "runs of kswapd",
  kswapd_low_wmark_hit_quickly: "naps of kswapd that a wake-up cut short",
  kswapd_high_wmark_hit_quickly: "naps of kswapd after which memory was short again",
  nr_vmscan_write: "pages reclaim sent to write-back",
  nr_vmscan_immediate_reclaim: "dirty pages of files that reclaim left to the flusher",
  nr_dirtied: "pages of files that became dirty in memory",
  nr_written: "pages of files that the flusher wrote",
  oom_kill: "tasks killed for lack of memory",
} as const;

type VmCounterName = keyof typeof MEANINGS;

export type VmCounters = Counters<VmCounterName>;

/** Counters that count calls or faults; all others count pages. */
const COUNTS_EVENTS =
  /^(pgfault|pgmajfault|pgreuse|pgscan_direct_throttle|allocstall|pageoutrun|kswapd_|oom_kill)/;

/** Declared once: the manager counts, reports and `pagestorm list` read. */
export const VMSTAT: readonly CounterDeclaration[] = Object.entries(MEANINGS).map(([name, meaning]) => ({
  name,
  unit: COUNTS_EVENTS.test(name) ? "events" : "pages",
  meaning,
}));

const ZEROES: Readonly<VmCounters> = zeroCounters(Object.keys(MEANINGS) as VmCounterName[]);

/** All counters at zero. */
export function zeroVmCounters(): VmCounters {
  return { ...ZEROES };
}
