import { Plug } from "../block/index.ts";
import { type Actor, probe } from "../engine/index.ts";
import type { SwapEntry } from "../swap/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { swapReadpage } from "./page-io.ts";
import { allocPage, takePageFast } from "./reclaim/page-alloc.ts";

const hitRaced = probe("a slot enters the swap cache while the fault for it allocates a page");

/**
 * swap_cluster_readahead: reads the slots around the one that faulted, all in one plug; the target too. Returns the
 * target's frame, pinned; NO_FRAME if the task was killed while it asked for memory.
 */
export function* swapinReadahead(mm: MemoryManager, task: AddressSpace, entry: SwapEntry): Actor<FrameId> {
  const area = mm.swap.areaOf(entry);
  const { first, last } = mm.readahead.window(area, entry - area.base);
  const plug = first < last ? new Plug() : undefined;
  let frame = NO_FRAME;
  for (let slot = first; slot <= last && !task.death; slot++) {
    if (area.base + slot !== entry) {
      yield* readAhead(mm, task, area.base + slot, plug);
      continue;
    }
    frame = yield* readSwapCacheAsync(mm, task, entry, plug);
    // The page that was asked for is held until its fault is done with it.
    if (frame !== NO_FRAME) mm.frames.pins[frame]!++;
  }
  plug?.flush();
  return frame;
}

/** One page nobody asked for yet; it carries the readahead mark. */
function* readAhead(mm: MemoryManager, task: AddressSpace, entry: SwapEntry, plug: Plug | undefined): Actor {
  if (mm.swap.lookup(entry) !== NO_FRAME || mm.swap.count(entry) === 0) return;
  const reads = mm.vm.pswpin;
  const frame = yield* readSwapCacheAsync(mm, task, entry, plug);
  if (frame === NO_FRAME || mm.vm.pswpin === reads) return;
  mm.frames.set(frame, PG.Reclaim);
  mm.vm.swap_ra++;
}

/**
 * __read_swap_cache_async: the frame that stands for a slot, from the swap cache or freshly allocated with its read
 * on the way. The allocation may reclaim, so the cache is looked at again afterwards.
 */
export function* readSwapCacheAsync(
  mm: MemoryManager,
  task: AddressSpace,
  entry: SwapEntry,
  plug: Plug | undefined,
): Actor<FrameId> {
  const { frames, swap } = mm;
  const cached = swap.lookup(entry);
  if (cached !== NO_FRAME) return cached;
  let frame = takePageFast(mm);
  if (frame === NO_FRAME) {
    // Going to sleep sends what is plugged, or others would wait for pages that nobody reads.
    plug?.flush();
    frame = yield* allocPage(mm, task);
  }
  if (frame === NO_FRAME) return NO_FRAME;
  const raced = swap.lookup(entry);
  if (raced !== NO_FRAME || swap.count(entry) === 0) {
    hitRaced();
    frames.release(frame);
    return raced;
  }
  frames.entry[frame] = entry;
  frames.set(frame, PG.Locked | PG.SwapCache);
  mm.policy.refault(frame, swap.addToCache(entry, frame));
  mm.policy.add(frame);
  const reading = swapReadpage(mm, frame, plug);
  if (reading) yield* reading;
  return frame;
}
