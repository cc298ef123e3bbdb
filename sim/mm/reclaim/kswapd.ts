import { type Actor, type Duration, MILLISECOND, type Pages } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { outOfMemory } from "./oom.ts";
import { DEF_PRIORITY, type ScanControl, SWAP_CLUSTER_MAX, scanControl } from "./scan-control.ts";
import { shrinkNode } from "./shrink-node.ts";

/** Runs without any page freed after which kswapd stays asleep (MAX_RECLAIM_RETRIES, 6.1). */
export const MAX_RECLAIM_RETRIES = 16;
/** Nap before the full sleep (HZ/10, kswapd_try_to_sleep, 6.1). */
const NAP: Duration = 100 * MILLISECOND;
/** A run for the sake of boosts looks no closer than at this priority (DEF_PRIORITY - 2, balance_pgdat, 6.1). */
const BOOST_PRIORITY = 10;

/**
 * Background reclaim: woken when memory falls below the low mark, works until it is above the high mark. It works for
 * the zones up to an index: all of them, or only a low one that is boosted.
 */
export function* kswapd(mm: MemoryManager): Actor {
  mm.kswapd = [mm.engine.current];
  mm.reclaimers.add(mm.engine.current);
  for (let index = mm.zones.highest; ; ) {
    index = yield* kswapdTryToSleep(mm, index);
    index = requested(mm, index);
    mm.kswapdRequest.index = -1;
    yield* balancePgdat(mm, index);
    index = requested(mm, index);
  }
}

/** The highest zone that was asked for since; the one before if nobody asked (kswapd_highest_zoneidx). */
function requested({ kswapdRequest }: MemoryManager, index: number): number {
  return kswapdRequest.index < 0 ? index : kswapdRequest.index;
}

/** wakeup_kswapd for the zones up to `index`: only if none of them is balanced, or one is boosted. */
export function wakeupKswapd(mm: MemoryManager, index: number): void {
  mm.kswapdRequest.index = Math.max(mm.kswapdRequest.index, index);
  if (mm.kswapdFailures >= MAX_RECLAIM_RETRIES) return;
  if (mm.zones.isBalanced(index) && !mm.zones.isBoosted(index)) return;
  mm.kswapdWait.wakeAll();
}

/** A short nap first; the full sleep only if memory is still fine after it. Returns the zone index to go on with. */
function* kswapdTryToSleep(mm: MemoryManager, index: number): Actor<number> {
  if (prepareKswapdSleep(mm, index)) {
    const woken = yield* mm.kswapdWait.waitFor("kswapd_try_to_sleep (nap)", NAP);
    if (woken) {
      mm.vm.kswapd_low_wmark_hit_quickly++;
      return index;
    }
  }
  if (!prepareKswapdSleep(mm, index)) {
    mm.vm.kswapd_high_wmark_hit_quickly++;
    return index;
  }
  yield mm.kswapdWait.wait("kswapd_try_to_sleep");
  return index;
}

/** Throttled reclaimers must not sleep on while kswapd does. */
function prepareKswapdSleep(mm: MemoryManager, index: number): boolean {
  mm.pfmemallocWait.wakeAll();
  return mm.zones.isBalanced(index) || mm.kswapdFailures >= MAX_RECLAIM_RETRIES;
}

/**
 * One run: passes at falling priority until the zones are balanced. If only a boost woke it, it frees as much as the
 * boosts are high, without swapping. The whole run is a memory stall of kswapd.
 */
function* balancePgdat(mm: MemoryManager, index: number): Actor {
  mm.vm.pageoutrun++;
  mm.psi.enterStall();
  const zones = mm.zones.zones.slice(0, index + 1);
  const boosts = zones.map(({ boost }) => boost);
  let boostLeft = boosts.reduce((sum, boost) => sum + boost, 0);
  const scan = scanControl("kswapd", SWAP_CLUSTER_MAX);
  scan.reclaimIndex = index;
  for (const zone of zones) zone.reclaimIsActive = true;
  for (scan.priority = DEF_PRIORITY; scan.priority >= 1; ) {
    const balanced = mm.zones.isBalanced(index);
    if (!balanced && boostLeft > 0) {
      boostLeft = 0;
      scan.priority = DEF_PRIORITY;
      continue;
    }
    if (balanced && boostLeft === 0) break;
    const freed = yield* onePass(mm, scan, boostLeft);
    boostLeft = Math.max(0, boostLeft - freed);
    if (boostLeft > 0 && freed === 0) break;
    const mayStay = scan.scanned >= scan.target || (boostLeft > 0 && scan.priority === BOOST_PRIORITY);
    if (!mayStay || freed === 0) scan.priority--;
  }
  if (scan.reclaimed === 0 && !mm.zones.isBalanced(index)) mm.kswapdFailures++;
  zones.forEach((zone, number) => {
    zone.reclaimIsActive = false;
    zone.boost = Math.max(0, zone.boost - boosts[number]!);
  });
  for (const group of mm.groups) group.lruvec.reclaimEnded();
  mm.psi.leaveStall();
}

/** kswapd_age_node and kswapd_shrink_node at the present priority; returns how many pages came free. */
function* onePass(mm: MemoryManager, scan: ScanControl, boostLeft: Pages): Actor<Pages> {
  scan.maySwap = boostLeft === 0;
  yield* ageNode(mm, scan);
  scan.scanned = 0;
  scan.target = 0;
  for (const { marks, boost } of mm.zones.zones.slice(0, scan.reclaimIndex + 1)) {
    scan.target += Math.max(marks.high + boost, SWAP_CLUSTER_MAX);
  }
  const before = scan.reclaimed;
  yield* shrinkNode(mm, scan, undefined);
  if (allowDirectReclaim(mm)) mm.pfmemallocWait.wakeAll();
  if (scan.reclaimed > before) mm.kswapdFailures = 0;
  return scan.reclaimed - before;
}

/**
 * kswapd_age_node. If the working set is to be kept for a while (min_ttl_ms) and no group has anything older, a task dies
 * rather than that all of them thrash.
 */
function* ageNode(mm: MemoryManager, scan: ScanControl): Actor {
  const isDue = scan.needsAging || !mm.root.lruvec.agesOnlyWhenNeeded;
  scan.reclaimedAtAging = scan.reclaimed;
  scan.needsAging = true;
  if (!isDue) return;
  let mayReclaim = false;
  for (const group of mm.groups) if (yield* group.lruvec.age(scan)) mayReclaim = true;
  if (!mayReclaim && mm.minTtl > 0) outOfMemory(mm, undefined);
}

/** allow_direct_reclaim: enough is left, or kswapd has given up and nobody else would free anything. */
export function allowDirectReclaim(mm: MemoryManager): boolean {
  if (mm.kswapdFailures >= MAX_RECLAIM_RETRIES) return true;
  if (reclaimablePages(mm) === 0) return true;
  return mm.zones.free > mm.marks.min / 2;
}

/** Pages that reclaim could free in the best case (zone_reclaimable_pages). */
export function reclaimablePages(mm: MemoryManager): Pages {
  let pages = 0;
  for (const group of mm.groups) pages += group.lruvec.reclaimable();
  return pages;
}
