import { Plug } from "../../block/index.ts";
import { type Actor, call } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { countFreed, countScanned } from "../policies/reclaim-counters.ts";
import { entryOf, frameOf, isPresent, isSwapped, isZeroPage } from "../pte.ts";
import { clearYoung } from "../rmap.ts";
import { asReclaimer } from "./as-reclaimer.ts";
import { scanControl } from "./scan-control.ts";
import { ShrinkBatch, shrinkFolioList } from "./shrink-folio-list.ts";

/**
 * Reclaims one page of a task, as memory.reclaim or MADV_PAGEOUT would with nothing else to take: a visit that unmaps the
 * page and writes it, and when the write has ended another one that frees it. A page that is in use stays.
 */
export function* pageoutPage(mm: MemoryManager, task: AddressSpace, page: number): Actor {
  const frame = frameBehind(mm, task, page);
  if (frame === undefined) return;
  yield* asReclaimer(mm, visit(mm, frame));
  while (mm.frames.has(frame, PG.Writeback)) yield mm.writebackEnded.wait("folio_wait_writeback");
  if (frameBehind(mm, task, page) === frame) yield* asReclaimer(mm, visit(mm, frame));
}

/** The frame that holds the page, mapped or in the swap cache. */
function frameBehind(mm: MemoryManager, task: AddressSpace, page: number): FrameId | undefined {
  const pte = task.pte(page);
  if (isPresent(pte)) return isZeroPage(pte) ? undefined : frameOf(pte);
  if (!isSwapped(pte)) return undefined;
  const frame = mm.swap.lookup(entryOf(pte));
  return frame < 0 ? undefined : frame;
}

/** reclaim_folio_list with ignore_references: isolates the page, shrinks the list of one, puts it back if it stays. */
function* visit(mm: MemoryManager, frame: FrameId): Actor {
  const { frames } = mm;
  mm.batches.drain();
  if (!frames.has(frame, PG.Lru)) return;
  const group = mm.groupOf(frame);
  group.lruvec.remove(frame);
  frames.clear(frame, PG.Referenced | PG.Active);
  clearYoung(mm, frame);
  const scan = scanControl("direct", 1, group);
  const plug = new Plug();
  countScanned(mm, group, scan, false, 1);
  const batch = new ShrinkBatch([frame]);
  yield call(shrinkFolioList(mm, group, batch, scan, plug));
  plug.flush();
  countFreed(mm, group, scan, false, batch.freed);
  for (const stays of batch.kept) group.lruvec.add(stays);
}
