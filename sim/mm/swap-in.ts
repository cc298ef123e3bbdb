import { Plug } from "../block/index.ts";
import { type Actor, JIFFY, probe, sleep, step } from "../engine/index.ts";
import { NO_ENTRY, type SwapEntry } from "../swap/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { freePage } from "./page-free.ts";
import { swapReadpage } from "./page-io.ts";
import { entryOf, isSwapped } from "./pte.ts";
import { allocPage } from "./reclaim/page-alloc.ts";

const hitRaced = probe("a slot enters the swap cache while the fault for it allocates a page");

/** Positions to look at around a fault, both ends included, and the swap entry at each; NO_ENTRY if there is none. */
interface Window {
  readonly first: number;
  readonly last: number;
  readonly entryAt: (position: number) => SwapEntry;
}

/** Neighbouring slots (swap_cluster_readahead). */
function clusterWindow(mm: MemoryManager, entry: SwapEntry): Window {
  const area = mm.swap.areaOf(entry);
  const { first, last } = mm.readahead.window(area, entry - area.base);
  return { first, last, entryAt: (slot) => area.base + slot };
}

/** Neighbouring addresses (swap_vma_readahead). */
function vmaWindow(mm: MemoryManager, task: AddressSpace, page: number): Window {
  const { first, last } = task.readahead.window(page, task.pages, mm.pageCluster);
  return { first, last, entryAt: (other) => entryOfPage(task, other) };
}

function entryOfPage(task: AddressSpace, page: number): SwapEntry {
  const pte = task.pte(page);
  return isSwapped(pte) ? entryOf(pte) : NO_ENTRY;
}

/**
 * swapin_readahead: reads what the readahead wants around the page that faulted, all in one plug; the target too.
 * Returns the target's frame, pinned; NO_FRAME if the task was killed while it asked for memory.
 */
export function* swapinReadahead(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  entry: SwapEntry,
): Actor<FrameId> {
  const { first, last, entryAt } = mm.usesVmaReadahead ? vmaWindow(mm, task, page) : clusterWindow(mm, entry);
  const plug = first < last ? new Plug() : undefined;
  let frame = NO_FRAME;
  for (let position = first; position <= last && !task.death; position++) {
    const wanted = entryAt(position);
    if (wanted === NO_ENTRY) continue;
    if (wanted !== entry) {
      yield* readAhead(mm, task, wanted, plug);
      continue;
    }
    frame = yield* readSwapCacheAsync(mm, task, entry, plug);
    // The page that was asked for is held until its fault is done with it.
    if (frame !== NO_FRAME) mm.frames.pins[frame]!++;
  }
  if (!plug) return frame;
  plug.flush();
  mm.batches.drain();
  return frame;
}

/** One page nobody asked for yet; it carries the readahead mark. */
function* readAhead(mm: MemoryManager, task: AddressSpace, entry: SwapEntry, plug: Plug | undefined): Actor {
  if (mm.swap.lookup(entry) !== NO_FRAME || mm.swap.count(entry) === 0) return;
  const reads = readsSoFar(mm);
  const frame = yield* readSwapCacheAsync(mm, task, entry, plug);
  if (frame === NO_FRAME || readsSoFar(mm) === reads) return;
  mm.frames.set(frame, PG.Reclaim);
  mm.vm.swap_ra++;
}

/** Pages brought in from slots; it does not grow if somebody else was faster. */
function readsSoFar({ vm }: MemoryManager): number {
  return vm.pswpin + vm.zswpin + vm.swpin_zero;
}

/**
 * __read_swap_cache_async: the frame that stands for a slot, from the swap cache or freshly allocated with its read
 * on the way. The allocation may reclaim, so the cache is looked at again afterwards; somebody who reads past the cache
 * has claimed the slot and is waited for.
 */
export function* readSwapCacheAsync(
  mm: MemoryManager,
  task: AddressSpace,
  entry: SwapEntry,
  plug: Plug | undefined,
): Actor<FrameId> {
  const { frames, swap, engine } = mm;
  for (;;) {
    const cached = swap.lookup(entry);
    if (cached !== NO_FRAME) return cached;
    const frame = yield* allocPage(mm, task, mm.faults.has("nestedPlugs") ? undefined : plug);
    if (frame === NO_FRAME) return NO_FRAME;
    if (engine.exploring) yield step("swapcache_prepare", swap);
    // Readahead does not hold the areas of neighbours: swapoff may have emptied one and gone.
    if (!swap.isActive(entry) && !mm.faults.has("noSlotGuard")) {
      freePage(mm, frame);
      return NO_FRAME;
    }
    if (!swap.isTaken(entry)) {
      frames.entry[frame] = entry;
      frames.set(frame, PG.Locked | PG.SwapCache);
      mm.rstat.updated(1);
      mm.groupOf(frame).lruvec.refault(frame, swap.addToCache(entry, frame), true);
      mm.batches.add(frame, true);
      const reading = swapReadpage(mm, frame, plug);
      if (reading) yield* reading;
      return frame;
    }
    hitRaced();
    freePage(mm, frame);
    if (swap.count(entry) === 0) return swap.lookup(entry);
    if (swap.lookup(entry) === NO_FRAME)
      yield sleep("schedule_timeout_uninterruptible (swapcache_prepare)", JIFFY);
  }
}
