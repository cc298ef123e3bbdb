import { type Actor, probe } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, NO_FRAME } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { tryToFreePages } from "./direct-reclaim.ts";
import { MAX_RECLAIM_RETRIES, wakeupKswapd } from "./kswapd.ts";
import { outOfMemory } from "./oom.ts";

const hitDirect = probe("an allocation has to reclaim directly");

/** The fast path of the page allocator: a frame if memory is above the low mark, NO_FRAME otherwise. */
export function takePageFast(mm: MemoryManager): FrameId {
  if (mm.frames.free <= mm.marks.low) return NO_FRAME;
  mm.vm.pgalloc++;
  return mm.frames.take();
}

/**
 * __alloc_pages for one user page. Wakes kswapd below the low mark, reclaims directly below the min mark, kills a
 * task when nothing helps. NO_FRAME only if the asking task itself was killed.
 */
export function* allocPage(mm: MemoryManager, task: AddressSpace): Actor<FrameId> {
  const frame = takePageFast(mm);
  if (frame !== NO_FRAME) return frame;
  return yield* allocPageSlow(mm, task);
}

/** __alloc_pages_slowpath. */
function* allocPageSlow(mm: MemoryManager, task: AddressSpace): Actor<FrameId> {
  for (let fruitless = 0; ; ) {
    wakeupKswapd(mm);
    if (mm.frames.free > mm.marks.min) {
      mm.vm.pgalloc++;
      return mm.frames.take();
    }
    if (task.death) return NO_FRAME;
    hitDirect();
    const freed = yield* tryToFreePages(mm);
    fruitless = freed > 0 ? 0 : fruitless + 1;
    if (mm.frames.free > mm.marks.min) continue;
    if (shouldReclaimRetry(mm, fruitless)) continue;
    if (!outOfMemory(mm)) task.death = "oom";
    fruitless = 0;
  }
}

/** should_reclaim_retry: not after 17 rounds for nothing, and only if freeing everything could reach the min mark. */
function shouldReclaimRetry(mm: MemoryManager, fruitless: number): boolean {
  if (fruitless > MAX_RECLAIM_RETRIES) return false;
  return mm.frames.free + mm.policy.reclaimable() > mm.marks.min;
}
