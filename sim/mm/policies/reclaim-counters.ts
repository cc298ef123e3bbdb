import type { Pages } from "../../engine/index.ts";
import type { ScanControl } from "../reclaim/scan-control.ts";
import type { VmCounters } from "../vmstat.ts";

/** Counts anonymous pages that reclaim isolated to look at, by who did (shrink_inactive_list, 6.1). */
export function countScanned(vm: VmCounters, scan: ScanControl, pages: Pages): void {
  vm.pgscan_anon += pages;
  if (scan.reclaimer === "kswapd") vm.pgscan_kswapd += pages;
  else vm.pgscan_direct += pages;
}

/** Counts those of them that were freed. */
export function countFreed(vm: VmCounters, scan: ScanControl, pages: Pages): void {
  vm.pgsteal_anon += pages;
  if (scan.reclaimer === "kswapd") vm.pgsteal_kswapd += pages;
  else vm.pgsteal_direct += pages;
  scan.reclaimed += pages;
}
