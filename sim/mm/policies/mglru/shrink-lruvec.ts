import type { Plug } from "../../../block/index.ts";
import type { Actor } from "../../../engine/index.ts";
import type { ScanControl } from "../../reclaim/scan-control.ts";
import { isFirstPriority } from "./aging.ts";
import { evictFolios } from "./evict.ts";
import { MIN_NR_GENS } from "./generations.ts";
import type { MultiGenLru } from "./mglru.ts";

/** Pages that make a pass of kswapd a good one (MIN_LRU_BATCH, 6.1). */
const GOOD_PASS = 64;
/** From this priority on a pass ends as soon as memory is above its marks (DEF_PRIORITY - 2, 6.1). */
const ABORT_PRIORITY = 10;

/** lru_gen_shrink_lruvec: evicts until enough pages were looked at or freed; makes generations on the way. */
export function* shrinkLruvec(lru: MultiGenLru, scan: ScanControl, plug: Plug): Actor {
  const { mm, generations } = lru;
  mm.batches.drain();
  scan.walksPageTables = scan.reclaimer === "kswapd";
  const swappiness = scan.maySwap ? lru.swappiness : Math.min(lru.swappiness, 1);
  const began = { reclaimed: scan.reclaimed, maxSeq: generations.maxSeq };
  let scanned = 0;
  let tookAnon = false;
  for (;;) {
    const { toScan, aged } = yield* nrToScan(lru, scan);
    if (toScan === 0) break;
    const eviction = yield* evictFolios(lru, scan, swappiness, plug);
    if (eviction.scanned === 0) break;
    tookAnon ||= eviction.tookAnon;
    scanned += eviction.scanned;
    if (scanned >= toScan || shouldAbortScan(lru, scan, began.maxSeq, tookAnon)) {
      if (scan.reclaimed - began.reclaimed >= GOOD_PASS && !aged) scan.needsAging = false;
      break;
    }
  }
  scan.walksPageTables = false;
}

/** get_nr_to_scan: pages this pass may look at; ages first if the oldest generation is all but used up. */
function* nrToScan(lru: MultiGenLru, scan: ScanControl): Actor<{ toScan: number; aged: boolean }> {
  const { needed, toScan } = lru.aging.need(scan);
  if (!needed) return { toScan, aged: false };
  if (isFirstPriority(scan)) {
    const { minSeq, maxSeq } = lru.generations;
    const oldest = minSeq[lru.swappiness > 0 ? 0 : 1];
    return { toScan: oldest + MIN_NR_GENS <= maxSeq ? toScan : 0, aged: true };
  }
  // kswapd ages between its passes.
  if (scan.reclaimer === "kswapd") return { toScan: 0, aged: true };
  yield* lru.aging.tryToIncMaxSeq(scan);
  return { toScan, aged: true };
}

/** should_abort_scan. */
function shouldAbortScan(
  { mm, generations }: MultiGenLru,
  scan: ScanControl,
  maxSeq: number,
  tookAnon: boolean,
): boolean {
  if (scan.reclaimer === "direct") {
    if (generations.maxSeq - maxSeq > 1) return true;
    if (scan.reclaimed >= scan.target && tookAnon) return true;
    if (!scan.isGlobal) return false;
  } else if (scan.reclaimed - scan.reclaimedAtAging < scan.target) return false;
  if (scan.priority > ABORT_PRIORITY) return false;
  const mark = scan.reclaimer === "kswapd" ? "high" : "low";
  for (const zone of mm.zones.zones) {
    if (zone.index <= scan.reclaimIndex && zone.free < zone.marks[mark] + zone.boost) return false;
  }
  scan.reclaimed += GOOD_PASS;
  return true;
}
