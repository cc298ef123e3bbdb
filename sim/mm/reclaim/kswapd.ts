import { type Actor, type Duration, MILLISECOND, type Pages } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { DEF_PRIORITY, type ScanControl, SWAP_CLUSTER_MAX, scanControl } from "./scan-control.ts";
import { shrinkNode } from "./shrink-node.ts";

/** Runs without any page freed after which kswapd stays asleep (MAX_RECLAIM_RETRIES, 6.1). */
export const MAX_RECLAIM_RETRIES = 16;
/** Nap before the full sleep (HZ/10, kswapd_try_to_sleep, 6.1). */
const NAP: Duration = 100 * MILLISECOND;

/** Background reclaim: woken when memory falls below the low mark, works until it is above the high mark. */
export function* kswapd(mm: MemoryManager): Actor {
  for (;;) {
    yield* kswapdTryToSleep(mm);
    yield* balancePgdat(mm);
  }
}

/** wakeup_kswapd. */
export function wakeupKswapd(mm: MemoryManager): void {
  if (mm.kswapdFailures >= MAX_RECLAIM_RETRIES || mm.balanced) return;
  mm.kswapdWait.wakeAll();
}

/** A short nap first; the full sleep only if memory is still fine after it. */
function* kswapdTryToSleep(mm: MemoryManager): Actor {
  if (prepareKswapdSleep(mm)) {
    const woken = yield* mm.kswapdWait.waitFor("kswapd_try_to_sleep (nap)", NAP);
    if (woken) {
      mm.vm.kswapd_low_wmark_hit_quickly++;
      return;
    }
  }
  if (!prepareKswapdSleep(mm)) {
    mm.vm.kswapd_high_wmark_hit_quickly++;
    return;
  }
  yield mm.kswapdWait.wait("kswapd_try_to_sleep");
}

/** Throttled reclaimers must not sleep on while kswapd does. */
function prepareKswapdSleep(mm: MemoryManager): boolean {
  mm.pfmemallocWait.wakeAll();
  return mm.balanced || mm.kswapdFailures >= MAX_RECLAIM_RETRIES;
}

/** One run: passes at falling priority until the node is balanced. The whole run is a memory stall of kswapd. */
function* balancePgdat(mm: MemoryManager): Actor {
  mm.vm.pageoutrun++;
  mm.psi.enterStall();
  let total: Pages = 0;
  for (let priority = DEF_PRIORITY; priority >= 1 && !mm.balanced; ) {
    mm.policy.age();
    const scan = scanControl("kswapd", Math.max(mm.marks.high, SWAP_CLUSTER_MAX));
    scan.priority = priority;
    yield* shrinkNode(mm, scan);
    total += scan.reclaimed;
    if (allowDirectReclaim(mm)) mm.pfmemallocWait.wakeAll();
    if (mustRaisePriority(scan)) priority--;
  }
  mm.policy.reclaimEnded();
  mm.psi.leaveStall();
  if (total === 0 && !mm.balanced) mm.kswapdFailures++;
  else if (total > 0) mm.kswapdFailures = 0;
}

function mustRaisePriority(scan: ScanControl): boolean {
  return scan.scanned < scan.target || scan.reclaimed === 0;
}

/** allow_direct_reclaim: enough is left, or kswapd has given up and nobody else would free anything. */
export function allowDirectReclaim(mm: MemoryManager): boolean {
  if (mm.kswapdFailures >= MAX_RECLAIM_RETRIES) return true;
  if (mm.policy.reclaimable() === 0) return true;
  return mm.frames.free > mm.marks.min / 2;
}
