import type { Plug } from "../../block/index.ts";
import type { Actor, Pages } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { asReclaimer } from "./as-reclaimer.ts";
import { allowDirectReclaim, wakeupKswapd } from "./kswapd.ts";
import { DEF_PRIORITY, type ScanControl, SWAP_CLUSTER_MAX, scanControl } from "./scan-control.ts";
import { reclaimedGroups, shrinkNode } from "./shrink-node.ts";

/** try_to_free_pages: the allocating task frees 32 pages itself. Returns how many it freed. */
export function* tryToFreePages(mm: MemoryManager, plug: Plug | undefined): Actor<Pages> {
  const { watch } = mm.engine.current;
  watch?.enter("direct reclaim");
  yield* throttleDirectReclaim(mm);
  mm.psi.enterStall();
  const scan = scanControl("direct", SWAP_CLUSTER_MAX);
  yield* asReclaimer(mm, doTryToFreePages(mm, scan, plug));
  mm.psi.leaveStall();
  watch?.leave();
  if (scan.reclaimed > 0) mm.kswapdFailures = 0;
  return scan.reclaimed;
}

/** do_try_to_free_pages: passes at falling priority; once more by force, and once more without memory.low. */
export function* doTryToFreePages(mm: MemoryManager, scan: ScanControl, plug: Plug | undefined): Actor {
  for (;;) {
    if (scan.isGlobal) mm.vm.allocstall++;
    for (scan.priority = DEF_PRIORITY; scan.priority >= 0; scan.priority--) {
      yield* shrinkNode(mm, scan, plug);
      if (scan.reclaimed >= scan.target) break;
    }
    for (const group of reclaimedGroups(mm, scan)) group.lruvec.reclaimEnded();
    if (scan.reclaimed > 0) return;
    if (scan.skippedDeactivate && !scan.forceDeactivate) scan.forceDeactivate = true;
    else if (scan.skippedLow && !scan.ignoreLow) {
      scan.ignoreLow = true;
      scan.forceDeactivate = false;
    } else return;
    scan.skippedDeactivate = false;
  }
}

/** throttle_direct_reclaim: keeps half of the min mark for those who free memory. */
function* throttleDirectReclaim(mm: MemoryManager): Actor {
  if (allowDirectReclaim(mm)) return;
  mm.vm.pgscan_direct_throttle++;
  wakeupKswapd(mm, mm.zones.highest);
  yield mm.pfmemallocWait.wait("throttle_direct_reclaim");
}
