import type { Plug } from "../../block/index.ts";
import type { Actor, Pages } from "../../engine/index.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { asReclaimer } from "./as-reclaimer.ts";
import { doTryToFreePages } from "./direct-reclaim.ts";
import { SWAP_CLUSTER_MAX, scanControl } from "./scan-control.ts";

/**
 * try_to_free_mem_cgroup_pages: the task that charges its group over a limit frees pages of that group itself. Returns
 * how many. `plug` is that of a caller who already holds requests back: plugs do not nest.
 */
export function* tryToFreeMemCgroupPages(
  mm: MemoryManager,
  group: MemCgroup,
  pages: Pages,
  plug: Plug | undefined,
): Actor<Pages> {
  // Its tasks slept since the last call, for the reads of their faults if for nothing else.
  for (const task of mm.tasks) if (task.group === group) task.wasScheduled = true;
  const scan = scanControl("direct", Math.max(pages, SWAP_CLUSTER_MAX), group);
  mm.psi.enterStall();
  yield* asReclaimer(mm, doTryToFreePages(mm, scan, plug));
  mm.psi.leaveStall();
  return scan.reclaimed;
}
