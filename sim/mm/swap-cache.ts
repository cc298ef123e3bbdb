import { type FrameId, PG } from "./frame-table.ts";
import type { MemCgroup } from "./memcg/mem-cgroup.ts";
import type { MemoryManager } from "./memory-manager.ts";

/**
 * folio_free_swap: gives up the slot of a page that nobody else refers to; the page is dirty afterwards because no
 * copy of it exists any more. Does nothing, and says so, while the page is being written or others use the slot.
 */
export function freeSwapCache(mm: MemoryManager, frame: FrameId): boolean {
  const { frames, swap } = mm;
  if (frames.has(frame, PG.Writeback)) return false;
  const entry = frames.entry[frame]!;
  if (swap.count(entry) > 0) return false;
  deleteFromSwapCache(mm, frame);
  return true;
}

/** delete_from_swap_cache, whoever refers to the slot. */
export function deleteFromSwapCache({ frames, swap, rstat }: MemoryManager, frame: FrameId): void {
  swap.removeFromCache(frames.entry[frame]!);
  frames.clear(frame, PG.SwapCache);
  frames.set(frame, PG.Dirty);
  frames.entry[frame] = -1;
  rstat.updated(1);
}

/** Slots are given up early: half of all swap is used, or half of what the group may use (mem_cgroup_swap_full). */
export function swapIsFull(mm: MemoryManager, group: MemCgroup): boolean {
  if (mm.faults.has("keepSlots")) return false;
  return mm.swap.isFull || (!group.isRoot && group.swapIsFull);
}
