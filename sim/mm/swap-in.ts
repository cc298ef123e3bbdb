import { Plug } from "../block/index.ts";
import { type Actor, call, JIFFY, probe, sleep, step } from "../engine/index.ts";
import { NO_ENTRY, type SlotRange, type SwapEntry } from "../swap/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { freePage } from "./page-free.ts";
import { swapReadpage } from "./page-io.ts";
import { allocPage } from "./reclaim/page-alloc.ts";
import { Mobility } from "./zones/zone.ts";

const hitRaced = probe("a slot enters the swap cache while the fault for it allocates a page");

/** What the readahead goes along: the slots of an area, or the addresses of a task. */
interface Surroundings {
  /** The swap entry at a position; NO_ENTRY if there is none. */
  entryAt(position: number): SwapEntry;
}

/**
 * swapin_readahead: reads what the readahead wants around the page that faulted, along neighbouring addresses
 * (swap_vma_readahead) or slots (swap_cluster_readahead); the target too. Returns the target's frame; NO_FRAME if the task
 * was killed while it asked for memory.
 */
export function swapinReadahead(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  entry: SwapEntry,
): Actor<FrameId> {
  let around: Surroundings;
  let window: SlotRange;
  if (mm.usesVmaReadahead) {
    around = task;
    window = task.readahead.window(page, task.pages, mm.pageCluster);
  } else {
    const area = mm.swap.areaOf(entry);
    around = area;
    window = mm.readahead.window(area, entry - area.base);
  }
  // Most windows at random are of one page: the target, unless another thread was faster.
  return window.first === window.last && !task.death && around.entryAt(window.first) === entry
    ? readSwapCacheAsync(mm, task, entry, undefined)
    : readWindow(mm, task, entry, window, around);
}

/** All pages of a window, in one plug. */
function* readWindow(
  mm: MemoryManager,
  task: AddressSpace,
  entry: SwapEntry,
  { first, last }: SlotRange,
  around: Surroundings,
): Actor<FrameId> {
  const plug = first < last ? new Plug() : undefined;
  let frame = NO_FRAME;
  for (let position = first; position <= last && !task.death; position++) {
    const wanted = around.entryAt(position);
    if (wanted === NO_ENTRY) continue;
    if (wanted !== entry) {
      yield* readAhead(mm, task, wanted, plug);
      continue;
    }
    frame = yield* readSwapCacheAsync(mm, task, entry, plug);
    // The page that was asked for is held while the others are read.
    if (frame !== NO_FRAME) mm.frames.pins[frame]!++;
  }
  plug?.flush();
  if (plug) mm.batches.drain();
  if (frame !== NO_FRAME) mm.frames.pins[frame]!--;
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
    const below = mm.faults.has("nestedPlugs") ? undefined : plug;
    const allocating = allocPage(mm, task, below, Mobility.Movable, mm.groupOfSlot(entry));
    const frame = typeof allocating === "number" ? allocating : yield* allocating;
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
      if (reading) yield call(reading);
      return frame;
    }
    hitRaced();
    freePage(mm, frame);
    if (swap.count(entry) === 0) return swap.lookup(entry);
    if (swap.lookup(entry) === NO_FRAME)
      yield sleep("schedule_timeout_uninterruptible (swapcache_prepare)", JIFFY);
  }
}
