import { Plug } from "../../block/index.ts";
import { type Actor, type Duration, MILLISECOND } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { ScanControl } from "./scan-control.ts";

/** Longest wait for pages under write-back (VMSCAN_THROTTLE_WRITEBACK, HZ/10, 6.1). */
const WRITEBACK_THROTTLE: Duration = 100 * MILLISECOND;

/**
 * shrink_node: one pass over the node at the present priority. All writes of the pass go into one plug.
 *
 * When a pass freed nothing and pages are under write-back, the caller waits for one of them. The kernel blocks in
 * the block layer instead, where requests run out (blk-wbt, tags); the effect is the same: nobody scans in circles
 * while the disk is busy with exactly the pages that will come free.
 */
export function* shrinkNode(mm: MemoryManager, scan: ScanControl): Actor {
  const before = scan.reclaimed;
  const plug = new Plug();
  yield* mm.policy.shrink(scan, plug);
  plug.flush();
  if (scan.reclaimed === before && mm.writeback > 0) {
    yield* mm.writebackEnded.waitFor("reclaim_throttle", WRITEBACK_THROTTLE);
  }
}
