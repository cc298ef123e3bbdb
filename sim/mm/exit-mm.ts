import { type Actor, assert, PauseKind, step } from "../engine/index.ts";
import type { SwapEntry } from "../swap/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { oops } from "./oops.ts";
import { freePage } from "./page-free.ts";
import { entryOf, frameOf, isPresent, isSwapped, isZeroPage, PTE_NONE } from "./pte.ts";
import { passOn, removeRmap } from "./rmap.ts";
import { freeSwapCache, swapIsFull } from "./swap-cache.ts";
import { touchPage } from "./touch.ts";

/** exit_mm: the last thread gives everything back, unless the memory was reaped before. */
export function* exitThread(mm: MemoryManager, task: AddressSpace): Actor {
  task.threads--;
  if (task.threads === 0 && !task.death) yield* exitMmap(mm, task);
}

/** exit_mmap: gives back all pages and slots of a task. Pages somebody works on are left to him as orphans. */
export function* exitMmap(mm: MemoryManager, task: AddressSpace): Actor {
  mm.batches.drain();
  // What the pages hold does not matter any more, whoever drops them.
  mm.observer.taskEnded(task.id);
  for (let page = 0; page < task.pages; page++) {
    const pte = task.pte(page);
    touchPage(mm, task.id, page);
    task.ptes[page] = PTE_NONE;
    if (isPresent(pte)) {
      if (!isZeroPage(pte)) zapPresent(mm, task, frameOf(pte));
    } else if (isSwapped(pte)) {
      task.swapped--;
      yield* freeSwapAndCache(mm, task, entryOf(pte));
    }
  }
  task.tables.free(mm);
}

/** The reaper takes all of it in one step: nobody waits for it. */
export function reap(mm: MemoryManager, task: AddressSpace): void {
  const exiting = exitMmap(mm, task);
  for (let at = exiting.next(); at.done !== true; at = exiting.next()) {
    assert(at.value.kind === PauseKind.Step, "nothing holds the reaper up");
  }
}

function zapPresent(mm: MemoryManager, task: AddressSpace, frame: FrameId): void {
  const { frames } = mm;
  removeRmap(mm, frame, task);
  if (frames.has(frame, PG.Mapped)) return;
  if (frames.has(frame, PG.SwapCache) && (isBusy(mm, frame) || mm.swap.count(frames.entry[frame]!) > 0))
    return;
  if (frames.has(frame, PG.SwapCache)) leaveSwapCache(mm, frame);
  freeUnlessBusy(mm, frame);
}

/** free_swap_and_cache: the slot goes, and a frame that only stood for it goes with it. The area is held meanwhile. */
function* freeSwapAndCache(mm: MemoryManager, task: AddressSpace, entry: SwapEntry): Actor {
  const { swap, engine } = mm;
  const device = mm.faults.has("noSlotGuardOnFree") ? undefined : swap.getDevice(entry);
  try {
    const cached = swap.lookup(entry);
    if (cached !== NO_FRAME) passOn(mm, cached, task);
    swap.put(entry);
    if (cached === NO_FRAME) return;
    // Nobody refers to the slot any more, so that nothing of the task holds swapoff up.
    if (engine.exploring) yield step("__try_to_reclaim_swap", swap);
    const frame = swap.lookup(entry);
    if (frame === NO_FRAME || swap.count(entry) > 0 || isBusy(mm, frame)) return;
    reclaimSwap(mm, frame);
  } catch (error) {
    yield* oops(mm, "free_swap_and_cache", error);
  } finally {
    device?.put();
  }
}

/**
 * __try_to_reclaim_swap: nobody refers to the slot. While swap has room, a page that is still mapped keeps it, so that its
 * next page-out may need no write.
 */
function reclaimSwap(mm: MemoryManager, frame: FrameId): void {
  if (mm.frames.has(frame, PG.Mapped)) {
    if (swapIsFull(mm, mm.groupOf(frame))) freeSwapCache(mm, frame);
    return;
  }
  leaveSwapCache(mm, frame);
  freeUnlessBusy(mm, frame);
}

function leaveSwapCache(mm: MemoryManager, frame: FrameId): void {
  mm.swap.removeFromCache(mm.frames.entry[frame]!);
  mm.frames.clear(frame, PG.SwapCache);
}

/** Under I/O, held by a fault, or isolated by reclaim: whoever works on it will find it orphaned. */
function isBusy(mm: MemoryManager, frame: FrameId): boolean {
  return mm.frames.isHeldByOthers(frame) || mm.frames.has(frame, PG.Writeback | PG.Locked);
}

function freeUnlessBusy(mm: MemoryManager, frame: FrameId): void {
  if (isBusy(mm, frame)) return;
  mm.groupOf(frame).lruvec.remove(frame);
  freePage(mm, frame);
}
