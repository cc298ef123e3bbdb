import type { Counters } from "../engine/index.ts";

/** The counters, with the names of /proc/vmstat and the events that move them (vm_event_item.h, 6.1). */
export const VMSTAT_NAMES = [
  "pgfault",
  "pgmajfault",
  "pgreuse",
  "pgalloc",
  "pgfree",
  "pswpin",
  "pswpout",
  "swap_ra",
  "swap_ra_hit",
  "pgscan_anon",
  "pgscan_kswapd",
  "pgscan_direct",
  "pgscan_direct_throttle",
  "pgsteal_anon",
  "pgsteal_kswapd",
  "pgsteal_direct",
  "pgactivate",
  "pgdeactivate",
  "pgrefill",
  "pgrotated",
  "workingset_refault_anon",
  "workingset_activate_anon",
  "workingset_restore_anon",
  "allocstall",
  "pageoutrun",
  "kswapd_low_wmark_hit_quickly",
  "kswapd_high_wmark_hit_quickly",
  "nr_vmscan_write",
  "oom_kill",
] as const;

export type VmCounters = Counters<(typeof VMSTAT_NAMES)[number]>;
