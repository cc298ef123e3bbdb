import type { Actor, Pages } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { allowDirectReclaim, wakeupKswapd } from "./kswapd.ts";
import { type ScanControl, SWAP_CLUSTER_MAX, scanControl } from "./scan-control.ts";
import { shrinkNode } from "./shrink-node.ts";

/** try_to_free_pages: the allocating task frees 32 pages itself. Returns how many it freed. */
export function* tryToFreePages(mm: MemoryManager): Actor<Pages> {
  yield* throttleDirectReclaim(mm);
  mm.vm.allocstall++;
  mm.psi.enterStall();
  const scan = scanControl("direct", SWAP_CLUSTER_MAX);
  yield* doTryToFreePages(mm, scan);
  if (scan.reclaimed === 0 && scan.skippedDeactivate) {
    scan.forceDeactivate = true;
    yield* doTryToFreePages(mm, scan);
  }
  mm.policy.reclaimEnded();
  mm.psi.leaveStall();
  if (scan.reclaimed > 0) mm.kswapdFailures = 0;
  return scan.reclaimed;
}

function* doTryToFreePages(mm: MemoryManager, scan: ScanControl): Actor {
  for (scan.priority = 12; scan.priority >= 0; scan.priority--) {
    yield* shrinkNode(mm, scan);
    if (scan.reclaimed >= scan.target) return;
  }
}

/** throttle_direct_reclaim: keeps half of the min mark for those who free memory. */
function* throttleDirectReclaim(mm: MemoryManager): Actor {
  if (allowDirectReclaim(mm)) return;
  mm.vm.pgscan_direct_throttle++;
  wakeupKswapd(mm);
  yield mm.pfmemallocWait.wait("throttle_direct_reclaim");
}
