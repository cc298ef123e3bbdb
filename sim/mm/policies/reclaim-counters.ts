import type { Pages } from "../../engine/index.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { ScanControl } from "../reclaim/scan-control.ts";

/**
 * Counts pages that reclaim isolated to look at. Who did it is in /proc/vmstat only if the whole machine was short of
 * memory; a group's reclaim is in its memory.stat (shrink_inactive_list, 6.1).
 */
export function countScanned(
  { vm, rstat }: MemoryManager,
  group: MemCgroup,
  scan: ScanControl,
  file: boolean,
  pages: Pages,
): void {
  vm[file ? "pgscan_file" : "pgscan_anon"] += pages;
  if (scan.isGlobal) vm[scan.reclaimer === "kswapd" ? "pgscan_kswapd" : "pgscan_direct"] += pages;
  group.counted.pgscan += pages;
  rstat.updated(pages);
}

/** Counts those of them that were freed. */
export function countFreed(
  { vm, rstat }: MemoryManager,
  group: MemCgroup,
  scan: ScanControl,
  file: boolean,
  pages: Pages,
): void {
  vm[file ? "pgsteal_file" : "pgsteal_anon"] += pages;
  if (scan.isGlobal) vm[scan.reclaimer === "kswapd" ? "pgsteal_kswapd" : "pgsteal_direct"] += pages;
  group.counted.pgsteal += pages;
  rstat.updated(pages);
  scan.reclaimed += pages;
}
