import { Bio } from "./block/index.ts";
import { Processors, type TimeKind } from "./engine/index.ts";

/** Waits that are known by their labels: for memory, and for I/O that somebody else carries. */
const BY_LABEL: readonly (readonly [start: string, kind: TimeKind])[] = [
  ["reclaim_throttle", "memory"],
  ["throttle_direct_reclaim", "memory"],
  ["should_reclaim_retry", "memory"],
  ["mempool_alloc", "memory"],
  ["mem_cgroup_handle_over_high", "memory"],
  ["balance_dirty_pages", "memory"],
  ["try_to_inc_max_seq", "memory"],
  ["folio_wait_writeback", "memory"],
  // The page is locked by its read.
  ["folio_wait", "device"],
  ["folio_lock", "device"],
  ["blk_mq_get_tag", "device"],
  // An NFS server is a device behind a network.
  ["xs_", "device"],
  ["xprt_", "device"],
  ["wait_current_trans", "lock"],
  ["sb_start_write", "lock"],
];

/** What a wait is for, by what is waited for where that is plain, else by its label. */
export function kindOfWait(label: string, on: object | undefined): TimeKind {
  if (on instanceof Processors) return "cpu";
  if (on instanceof Bio) return "device";
  const known = BY_LABEL.find(([start]) => label.startsWith(start));
  if (known) return known[1];
  return on !== undefined && "holders" in on ? "lock" : "other";
}
