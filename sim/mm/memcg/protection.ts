import type { Pages } from "../../engine/index.ts";
import { type ScanControl, SWAP_CLUSTER_MAX } from "../reclaim/scan-control.ts";
import type { MemCgroup } from "./mem-cgroup.ts";

/** How far reclaim from outside may go into a group (mem_cgroup_calculate_protection, 6.1). */
export type Protection = "none" | "low" | "min";

/** A group is passed over below memory.min, and below memory.low as long as others can be reclaimed. */
export function protectionOf({ usage, limits }: MemCgroup): Protection {
  if (usage <= limits.min && limits.min > 0) return "min";
  return usage <= limits.low && limits.low > 0 ? "low" : "none";
}

/**
 * The part of a list that may be scanned (get_scan_count, 6.1): the protected share of the group is taken off, but
 * at least a batch stays. A group's own limit knows no protection.
 */
export function protectedSize(group: MemCgroup, scan: ScanControl, pages: Pages): Pages {
  const { usage, limits } = group;
  const low = scan.ignoreLow ? 0 : limits.low;
  const protection = Math.max(low, limits.min);
  if (scan.group === group || protection === 0) return pages;
  const largest = Math.max(usage, protection);
  const scanned = pages - Math.floor((pages * protection) / (largest + 1));
  return Math.max(scanned, Math.min(SWAP_CLUSTER_MAX, pages));
}
