import type { Plug } from "../../block/index.ts";
import { type Actor, probe } from "../../engine/index.ts";
import { NO_ENTRY } from "../../swap/index.ts";
import { type FrameId, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { swapWritepage } from "../page-io.ts";
import { PTE_DIRTY, PTE_YOUNG, swapPte } from "../page-table.ts";
import { freeSwapCache } from "../swap-cache.ts";
import type { ScanControl } from "./scan-control.ts";

/** What became of a batch of isolated pages. */
export interface ShrinkResult {
  /** Back to the lists, in this order; active ones to the active list. */
  readonly kept: FrameId[];
  freed: number;
  /** Pages sent to swap in this batch. */
  submitted: number;
}

type Fate = "freed" | "keep" | "activate";

/** What a first look at a page says: its fate, or that it has to be written. */
type Verdict = Fate | "pageout";

const hitWriteback = probe("reclaim meets a page that is still being written out");
const hitRemapped = probe("a page is mapped again while its synchronous swap write runs");

/**
 * shrink_folio_list of 6.1 for anonymous pages: decides for each isolated page, in order, and does it. An
 * asynchronous transport makes the page come free at a later visit; a synchronous one in this one.
 */
export function* shrinkFolioList(
  mm: MemoryManager,
  isolated: readonly FrameId[],
  scan: ScanControl,
  plug: Plug,
): Actor<ShrinkResult> {
  const result: ShrinkResult = { kept: [], freed: 0, submitted: 0 };
  for (const frame of isolated) {
    let fate = shrinkFolio(mm, frame, scan);
    if (fate === "pageout") {
      result.submitted++;
      const writing = pageout(mm, frame, plug);
      if (writing) yield* writing;
      fate = afterPageout(mm, frame);
    }
    if (fate === "freed") {
      result.freed++;
      continue;
    }
    if (fate === "activate") activate(mm, frame);
    result.kept.push(frame);
  }
  const { scanPage, freePage, writePage } = mm.costs;
  const cost = isolated.length * scanPage + result.freed * freePage + result.submitted * writePage;
  yield* mm.processors.run("shrink_folio_list", cost);
  return result;
}

function shrinkFolio(mm: MemoryManager, frame: FrameId, scan: ScanControl): Verdict {
  const { frames } = mm;
  if (frames.has(frame, PG.Locked)) return "keep";
  scan.scanned++;
  if (frames.isOrphan(frame)) return freeOrphan(mm, frame);
  if (frames.has(frame, PG.Writeback)) {
    hitWriteback();
    frames.set(frame, PG.Reclaim);
    return "activate";
  }
  const reference = mm.policy.rechecksReferences ? checkReferences(mm, frame) : undefined;
  if (reference) return reference;
  if (!frames.has(frame, PG.SwapCache) && !addToSwap(mm, frame)) return "activate";
  if (frames.has(frame, PG.Mapped)) tryToUnmap(mm, frame);
  if (frames.has(frame, PG.Dirty)) {
    if (frames.pins[frame] !== 0) return "keep";
    // If nobody refers to the slot any more there is nothing to write.
    if (mm.swap.count(frames.entry[frame]!) > 0) return "pageout";
    frames.clear(frame, PG.Dirty);
  }
  return removeMapping(mm, frame);
}

/** folio_check_references: one touch keeps the page, a second one activates it. */
function checkReferences(mm: MemoryManager, frame: FrameId): Fate | undefined {
  const { frames } = mm;
  const referenced = frames.testAndClear(frame, PG.Referenced);
  if (!testAndClearYoung(mm, frame)) return undefined;
  frames.set(frame, PG.Referenced);
  return referenced ? "activate" : "keep";
}

/** Whether the page was accessed since this was last asked (folio_referenced). */
export function testAndClearYoung(mm: MemoryManager, frame: FrameId): boolean {
  const { frames } = mm;
  if (!frames.has(frame, PG.Mapped)) return false;
  const { ptes } = mm.tasks[frames.ownerTask[frame]!]!;
  const page = frames.ownerPage[frame]!;
  const young = (ptes[page]! & PTE_YOUNG) !== 0;
  if (young) ptes[page]! &= ~PTE_YOUNG;
  return young;
}

/** add_to_swap: gives the page a slot; it is dirty from then on, so its first swap-out always writes. */
function addToSwap(mm: MemoryManager, frame: FrameId): boolean {
  const entry = mm.swap.allocate();
  if (entry === NO_ENTRY) return false;
  mm.frames.entry[frame] = entry;
  mm.frames.set(frame, PG.SwapCache | PG.Dirty);
  mm.swap.addToCache(entry, frame);
  return true;
}

/** try_to_unmap: the page table entry becomes the swap entry and its dirty bit moves to the page. */
function tryToUnmap(mm: MemoryManager, frame: FrameId): void {
  const { frames } = mm;
  const task = mm.tasks[frames.ownerTask[frame]!]!;
  const page = frames.ownerPage[frame]!;
  const entry = frames.entry[frame]!;
  if ((task.ptes[page]! & PTE_DIRTY) !== 0 && !mm.faults.has("dropDirtyBit")) frames.set(frame, PG.Dirty);
  mm.swap.duplicate(entry);
  task.ptes[page] = swapPte(entry);
  task.rss--;
  task.swapped++;
  frames.clear(frame, PG.Mapped);
}

/** pageout: starts the write; what it returns must be waited for. */
function pageout(mm: MemoryManager, frame: FrameId, plug: Plug): Actor | undefined {
  mm.frames.clear(frame, PG.Dirty);
  mm.frames.set(frame, PG.Reclaim);
  return swapWritepage(mm, frame, plug);
}

/** The rest of the visit: the write has ended only if the transport is synchronous, and the page may be in use again. */
function afterPageout(mm: MemoryManager, frame: FrameId): Fate {
  const { frames } = mm;
  if (frames.has(frame, PG.Writeback | PG.Dirty | PG.Locked)) return "keep";
  if (frames.isOrphan(frame)) return freeOrphan(mm, frame);
  if (frames.has(frame, PG.Mapped)) {
    hitRemapped();
    return "keep";
  }
  return removeMapping(mm, frame);
}

/** __remove_mapping: the clean page leaves the swap cache and a shadow takes its place. */
function removeMapping(mm: MemoryManager, frame: FrameId): Fate {
  const { frames } = mm;
  if (frames.pins[frame] !== 0 || frames.has(frame, PG.Mapped)) return "keep";
  if (frames.hasOwner(frame)) mm.observer.dropped(frames.ownerTask[frame]!, frames.ownerPage[frame]!);
  mm.swap.removeFromCache(frames.entry[frame]!, mm.policy.shadowOf(frame));
  frames.clear(frame, PG.SwapCache);
  mm.vm.pgfree++;
  frames.release(frame);
  return "freed";
}

function freeOrphan(mm: MemoryManager, frame: FrameId): Fate {
  if (mm.frames.pins[frame] !== 0) return "keep";
  mm.vm.pgfree++;
  mm.frames.release(frame);
  return "freed";
}

function activate(mm: MemoryManager, frame: FrameId): void {
  if (mm.swap.isFull && mm.frames.has(frame, PG.SwapCache)) freeSwapCache(mm, frame);
  mm.frames.set(frame, PG.Active);
  mm.vm.pgactivate++;
}
