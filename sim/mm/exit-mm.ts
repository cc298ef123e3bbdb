import type { AddressSpace } from "./address-space.ts";
import { type FrameId, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { freePage } from "./page-free.ts";
import { entryOf, frameOf, isPresent, isSwapped, isZeroPage, PTE_NONE } from "./pte.ts";
import { touchPage } from "./touch.ts";

/** exit_mmap: gives back all pages and slots of a task. Pages somebody works on are left to him as orphans. */
export function exitMm(mm: MemoryManager, task: AddressSpace): void {
  mm.batches.drain();
  for (let page = 0; page < task.pages; page++) {
    const pte = task.pte(page);
    touchPage(mm, task.id, page);
    task.ptes[page] = PTE_NONE;
    if (isPresent(pte)) {
      if (!isZeroPage(pte)) zapPresent(mm, task, frameOf(pte));
    } else if (isSwapped(pte)) {
      zapSwapped(mm, task, entryOf(pte));
    }
  }
  task.tables.free(mm);
  mm.observer.taskEnded(task.id);
}

function zapPresent(mm: MemoryManager, task: AddressSpace, frame: FrameId): void {
  const { frames } = mm;
  frames.clear(frame, PG.Mapped);
  task.rss--;
  if (frames.has(frame, PG.SwapCache) && isBusy(mm, frame)) return;
  if (frames.has(frame, PG.SwapCache)) leaveSwapCache(mm, frame);
  freeUnlessBusy(mm, frame);
}

/** free_swap_and_cache: the slot goes, and a frame that only stood for it goes with it. */
function zapSwapped(mm: MemoryManager, task: AddressSpace, entry: number): void {
  task.swapped--;
  const frame = mm.swap.lookup(entry);
  mm.swap.put(entry);
  if (frame < 0 || isBusy(mm, frame)) return;
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
