import { type FrameId, IN_BATCH, PG } from "./frame-table.ts";
import { uncharge } from "./memcg/uncharge.ts";
import type { MemoryManager } from "./memory-manager.ts";

/** Gives a page back to the machine and its charge back to its group. It is on no list and nobody refers to it. */
export function freePage(mm: MemoryManager, frame: FrameId): void {
  uncharge(mm, mm.groupOf(frame), 1);
  mm.vm.pgfree++;
  mm.zones.release(frame);
}

/** The task died, or the page went another way, while somebody slept: a frame nobody else knows is freed here. */
export function releaseIfOrphan(mm: MemoryManager, frame: FrameId): void {
  const { frames } = mm;
  if (frames.has(frame, PG.AddBatch)) mm.batches.drain();
  if (!frames.isOrphan(frame)) return;
  // A batch would be the last to hold it.
  if (frames.has(frame, IN_BATCH)) mm.batches.drain();
  if (frames.isHeldByOthers(frame) || frames.has(frame, PG.Writeback | PG.Locked)) return;
  mm.groupOf(frame).lruvec.remove(frame);
  freePage(mm, frame);
}
