import { Plug } from "../../block/index.ts";
import { type Actor, type Duration, MILLISECOND } from "../../engine/index.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import { protectionOf } from "../memcg/protection.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { ScanControl } from "./scan-control.ts";

/** Longest wait for pages under write-back (VMSCAN_THROTTLE_WRITEBACK, HZ/10, 6.1). */
const WRITEBACK_THROTTLE: Duration = 100 * MILLISECOND;

/** Groups that a reclaim call goes through (mem_cgroup_iter from the target). */
export function reclaimedGroups(mm: MemoryManager, { group }: ScanControl): readonly MemCgroup[] {
  return group ? [group] : mm.groups;
}

/**
 * shrink_node: one pass over all groups at the present priority. The writes of a group go into one plug, or into the
 * one of a caller who holds requests back already.
 *
 * When a pass for the whole machine freed nothing and pages are under write-back, the caller waits for one of them.
 * The kernel blocks in the block layer instead, where requests run out (blk-wbt, tags); the effect is the same: nobody
 * scans in circles while the disk is busy with exactly the pages that will come free.
 */
export function* shrinkNode(mm: MemoryManager, scan: ScanControl, outerPlug: Plug | undefined): Actor {
  const before = scan.reclaimed;
  for (const group of reclaimedGroups(mm, scan)) {
    if (isProtected(group, scan)) continue;
    const plug = outerPlug ?? new Plug();
    yield* group.lruvec.shrink(scan, plug);
    if (!outerPlug) plug.flush();
  }
  yield* mm.processors.run("shrink_node", mm.costs.reclaimPass);
  if (scan.isGlobal && scan.mayDoIo && scan.reclaimed === before && mm.writeback > 0) {
    outerPlug?.flush();
    yield* mm.writebackEnded.waitFor("reclaim_throttle", WRITEBACK_THROTTLE, mm.carriers);
  }
}

/** shrink_node_memcgs: memory.min always protects from the needs of others, memory.low as long as it can. */
function isProtected(group: MemCgroup, scan: ScanControl): boolean {
  if (scan.group === group || group.isRoot) return false;
  const protection = protectionOf(group);
  if (protection === "min") return true;
  if (protection === "none") return false;
  if (!scan.ignoreLow) {
    scan.skippedLow = true;
    return true;
  }
  group.events.low++;
  return false;
}
