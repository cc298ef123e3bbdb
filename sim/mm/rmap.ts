import type { FrameId } from "./frame-table.ts";
import { PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { PTE_DIRTY, PTE_NONE, PTE_YOUNG, swapPte } from "./pte.ts";
import { touchPage } from "./touch.ts";

/** The page table that maps a frame, and where in it. A frame has at most one mapping. */
function ptesOf(mm: MemoryManager, frame: FrameId): Int32Array {
  const { frames } = mm;
  const owner = frames.ownerTask[frame]!;
  return frames.isFile(frame) ? mm.files[owner]!.ptes : mm.tasks[owner]!.ptes;
}

/** Whether the page was accessed since its accessed bit was last cleared. */
export function isYoung(mm: MemoryManager, frame: FrameId): boolean {
  if (!mm.frames.has(frame, PG.Mapped)) return false;
  return (ptesOf(mm, frame)[mm.frames.ownerPage[frame]!]! & PTE_YOUNG) !== 0;
}

/** Forgets that the page was accessed. */
export function clearYoung(mm: MemoryManager, frame: FrameId): void {
  if (mm.frames.has(frame, PG.Mapped)) ptesOf(mm, frame)[mm.frames.ownerPage[frame]!]! &= ~PTE_YOUNG;
}

/** Whether the page was accessed since this was last asked (folio_referenced). */
export function testAndClearYoung(mm: MemoryManager, frame: FrameId): boolean {
  const young = isYoung(mm, frame);
  if (young) clearYoung(mm, frame);
  return young;
}

/** try_to_unmap: the page table entry becomes the swap entry, or nothing; its dirty bit moves to the page. */
export function tryToUnmap(mm: MemoryManager, frame: FrameId): void {
  const { frames } = mm;
  frames.clear(frame, PG.Mapped);
  mm.rstat.updated(1);
  const page = frames.ownerPage[frame]!;
  if (frames.isFile(frame)) {
    mm.files[frames.ownerTask[frame]!]!.ptes[page] = PTE_NONE;
    return;
  }
  const task = mm.tasks[frames.ownerTask[frame]!]!;
  touchPage(mm, task.id, page);
  if ((task.ptes[page]! & PTE_DIRTY) !== 0 && !mm.faults.has("dropDirtyBit")) frames.set(frame, PG.Dirty);
  const entry = frames.entry[frame]!;
  mm.swap.duplicate(entry);
  task.ptes[page] = swapPte(entry);
  task.rss--;
  task.swapped++;
}
