import type { AddressSpace } from "./address-space.ts";
import { type FrameId, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { entryOf, isSwapped, mapsFrame, PTE_DIRTY, PTE_NONE, PTE_YOUNG, type Pte, swapPte } from "./pte.ts";
import { touchPage } from "./touch.ts";

/** A page table that may map a frame. */
export interface Mapper {
  /** Number of the task or file. */
  readonly id: number;
  readonly ptes: Int32Array;
}

/** Those in whose page tables the frame may be found, all at its `ownerPage` (rmap_walk). */
export function familyOf(mm: MemoryManager, frame: FrameId): readonly Mapper[] {
  const owner = mm.frames.ownerTask[frame]!;
  return mm.frames.isFile(frame) ? mm.files[owner]!.family : mm.tasks[owner]!.family;
}

/** How many of the entries that may map the frame are as asked for. */
function countMappings(
  mm: MemoryManager,
  frame: FrameId,
  counts: (pte: Pte, frame: FrameId) => boolean,
): number {
  if (!mm.frames.has(frame, PG.Mapped)) return 0;
  const page = mm.frames.ownerPage[frame]!;
  let count = 0;
  for (const { ptes } of familyOf(mm, frame)) if (counts(ptes[page]!, frame)) count++;
  return count;
}

/** Through how many mappings the page was accessed since its accessed bits were last cleared (referenced_ptes). */
export const youngMappings = (mm: MemoryManager, frame: FrameId): number =>
  countMappings(mm, frame, isYoungMapping);

/** How many page tables map the page (folio_mapcount). */
export const mapCount = (mm: MemoryManager, frame: FrameId): number => countMappings(mm, frame, mapsFrame);

/** Whether the page was accessed since its accessed bits were last cleared. */
export const isYoung = (mm: MemoryManager, frame: FrameId): boolean => youngMappings(mm, frame) > 0;

/** Whether the entry maps the frame, which was accessed through it. */
export function isYoungMapping(pte: Pte, frame: FrameId): boolean {
  return (pte & PTE_YOUNG) !== 0 && mapsFrame(pte, frame);
}

/** Forgets that the page was accessed. */
export function clearYoung(mm: MemoryManager, frame: FrameId): void {
  if (!mm.frames.has(frame, PG.Mapped)) return;
  const page = mm.frames.ownerPage[frame]!;
  for (const { ptes } of familyOf(mm, frame)) if (mapsFrame(ptes[page]!, frame)) ptes[page]! &= ~PTE_YOUNG;
}

/** Whether the page was accessed since this was last asked (folio_referenced). */
export function testAndClearYoung(mm: MemoryManager, frame: FrameId): boolean {
  const young = isYoung(mm, frame);
  if (young) clearYoung(mm, frame);
  return young;
}

/** try_to_unmap: each entry becomes the swap entry, or nothing; its dirty bit moves to the page. */
export function tryToUnmap(mm: MemoryManager, frame: FrameId): void {
  const { frames } = mm;
  frames.clear(frame, PG.Mapped);
  mm.rstat.updated(1);
  const page = frames.ownerPage[frame]!;
  if (frames.isFile(frame)) {
    mm.files[frames.ownerTask[frame]!]!.ptes[page] = PTE_NONE;
    return;
  }
  for (const task of mm.tasks[frames.ownerTask[frame]!]!.family) {
    if (mapsFrame(task.ptes[page]!, frame)) unmapAnon(mm, frame, task, page);
  }
}

function unmapAnon(mm: MemoryManager, frame: FrameId, task: AddressSpace, page: number): void {
  const { frames } = mm;
  touchPage(mm, task.id, page);
  if ((task.ptes[page]! & PTE_DIRTY) !== 0 && !mm.faults.has("dropDirtyBit")) frames.set(frame, PG.Dirty);
  const entry = frames.entry[frame]!;
  mm.swap.duplicate(entry);
  task.ptes[page] = swapPte(entry, frames.has(frame, PG.Shared));
  task.rss--;
  task.swapped++;
}

/**
 * page_remove_rmap: a task no longer maps the frame, and its entry says something else already. The frame goes on to hold
 * the page of whoever else of the family has it.
 */
export function removeRmap(mm: MemoryManager, frame: FrameId, task: AddressSpace): void {
  task.rss--;
  if (mapCount(mm, frame) === 0) mm.frames.clear(frame, PG.Mapped);
  passOn(mm, frame, task);
}

/**
 * A task has done with the page in a frame, so that its stores say nothing of that any more: another one of its family that
 * has the page stands for it, or nobody.
 */
export function passOn(mm: MemoryManager, frame: FrameId, task: AddressSpace): void {
  const { frames } = mm;
  if (task.family.length === 1 || frames.ownerTask[frame] !== task.id) return;
  const page = frames.ownerPage[frame]!;
  const heir = task.family.find(({ ptes }) => refersTo(mm, ptes[page]!, frame));
  if (heir) frames.ownerTask[frame] = heir.id;
  else frames.disown(frame);
}

/** The entry maps the frame, or names the slot that it stands for. */
function refersTo({ frames }: MemoryManager, pte: Pte, frame: FrameId): boolean {
  if (mapsFrame(pte, frame)) return true;
  return frames.has(frame, PG.SwapCache) && isSwapped(pte) && entryOf(pte) === frames.entry[frame];
}
