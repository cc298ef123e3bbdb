import type { Plug } from "../../block/index.ts";
import { type Actor, call, probe } from "../../engine/index.ts";
import { NO_ENTRY } from "../../swap/index.ts";
import { type FrameId, IN_BATCH, PG } from "../frame-table.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import { chargeSwap } from "../memcg/swap-charge.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { freePage } from "../page-free.ts";
import { swapWritepage } from "../page-io.ts";
import { clearYoung, tryToUnmap, youngMappings } from "../rmap.ts";
import { freeSwapCache, swapIsFull } from "../swap-cache.ts";
import type { ScanControl } from "./scan-control.ts";

/** A batch of isolated pages, and what became of them. */
export class ShrinkBatch {
  readonly isolated: readonly FrameId[];
  /** Back to the lists, in this order; active ones to the active list. */
  kept: FrameId[] = [];
  freed = 0;
  /** Pages sent to swap. */
  submitted = 0;
  /** Dirty pages of files that nobody writes yet. */
  unqueuedDirty = 0;

  constructor(isolated: readonly FrameId[]) {
    this.isolated = isolated;
  }
}

type Fate = "freed" | "keep" | "activate";

/** What a first look at a page says: its fate, or that it has to be written. */
type Verdict = Fate | "pageout";

const hitWriteback = probe("reclaim meets a page that is still being written out");
const hitRemapped = probe("a page is mapped again while its synchronous swap write runs");

/**
 * shrink_folio_list of 6.1: decides for each isolated page of a group, in order, and does it. An asynchronous
 * transport makes the page come free at a later visit; a synchronous one in this one. To be run by `call`: it is where
 * reclaim waits, once a page, and whoever called it stands deep.
 */
export function* shrinkFolioList(
  mm: MemoryManager,
  group: MemCgroup,
  batch: ShrinkBatch,
  scan: ScanControl,
  plug: Plug,
): Actor {
  for (const frame of batch.isolated) {
    if (isUnqueuedDirty(mm, frame)) batch.unqueuedDirty++;
    let fate = shrinkFolio(mm, group, frame, scan);
    if (fate === "pageout") {
      batch.submitted++;
      const writing = pageout(mm, frame, plug);
      if (writing) yield call(writing);
      fate = afterPageout(mm, frame);
    }
    if (fate === "freed") {
      batch.freed++;
      continue;
    }
    if (fate === "activate") activate(mm, group, frame);
    batch.kept.push(frame);
  }
  const { shrinkCall, scanPage, freePage: free, writePage } = mm.costs;
  const cost = batch.isolated.length * scanPage + batch.freed * free + batch.submitted * writePage;
  yield* mm.processors.run("shrink_folio_list", shrinkCall + cost);
  freeOrphans(mm, batch);
}

/** Whoever had a page went while it was isolated, and nobody but reclaim knows it any more (move_pages_to_lru). */
function freeOrphans(mm: MemoryManager, batch: ShrinkBatch): void {
  const { frames } = mm;
  if (!batch.kept.some((frame) => frames.isOrphan(frame))) return;
  batch.kept = batch.kept.filter((frame) => !frames.isOrphan(frame) || freeOrphan(mm, frame) === "keep");
}

/** folio_check_dirty_writeback. */
function isUnqueuedDirty({ frames }: MemoryManager, frame: FrameId): boolean {
  return frames.isFile(frame) && frames.has(frame, PG.Dirty) && !frames.has(frame, PG.Writeback);
}

function shrinkFolio(mm: MemoryManager, group: MemCgroup, frame: FrameId, scan: ScanControl): Verdict {
  const { frames } = mm;
  const { lruvec } = group;
  if (frames.has(frame, PG.Locked)) return "keep";
  scan.scanned++;
  if (frames.isOrphan(frame)) return freeOrphan(mm, frame);
  if (lruvec.keepsReferenced && frames.has(frame, PG.Mapped) && frames.has(frame, PG.Referenced))
    return "keep";
  if (frames.has(frame, PG.Writeback)) {
    hitWriteback();
    frames.set(frame, PG.Reclaim);
    return "activate";
  }
  const reference = lruvec.rechecksReferences ? checkReferences(mm, group, frame, scan) : undefined;
  if (reference) return reference;
  if (frames.isFile(frame)) return shrinkFilePage(mm, frame);
  if (!frames.has(frame, PG.SwapCache)) {
    if (!scan.mayDoIo) return "keep";
    if (!addToSwap(mm, group, frame)) return "activate";
  }
  if (frames.has(frame, PG.Mapped)) tryToUnmap(mm, frame);
  if (frames.has(frame, PG.Dirty)) {
    if (isReferencedElsewhere(mm, frame)) return "keep";
    // If nobody refers to the slot any more there is nothing to write.
    if (mm.swap.count(frames.entry[frame]!) > 0) return mayPageout(mm, frame, scan) ? "pageout" : "keep";
    frames.clear(frame, PG.Dirty);
  }
  return removeMapping(mm, frame);
}

/** may_enter_fs: since 5.19 a page whose slot lies behind a filesystem waits for somebody who may enter one. */
function mayPageout(mm: MemoryManager, frame: FrameId, scan: ScanControl): boolean {
  if (!scan.mayDoIo) return false;
  if (scan.mayEnterFilesystem || mm.faults.has("noReclaimFsRule")) return true;
  return mm.swap.areaOf(mm.frames.entry[frame]!).transport.entersFilesystem !== true;
}

/**
 * A clean page of a file is dropped; a dirty one waits for the flusher. (That kswapd writes it itself when it finds
 * nothing else, PGDAT_DIRTY, is left out.)
 */
function shrinkFilePage(mm: MemoryManager, frame: FrameId): Fate {
  const { frames } = mm;
  if (frames.has(frame, PG.Mapped)) tryToUnmap(mm, frame);
  if (!frames.has(frame, PG.Dirty)) return removeMapping(mm, frame);
  mm.vm.nr_vmscan_immediate_reclaim++;
  frames.set(frame, PG.Reclaim);
  return "activate";
}

/** A fault or a batch holds the isolated page too. */
function isReferencedElsewhere({ frames }: MemoryManager, frame: FrameId): boolean {
  return frames.pins[frame] !== 0 || frames.has(frame, IN_BATCH);
}

/** folio_check_references: one touch keeps the page, a second one activates it, and so do touches of two tasks. */
function checkReferences(
  mm: MemoryManager,
  { lruvec }: MemCgroup,
  frame: FrameId,
  scan: ScanControl,
): Fate | undefined {
  const { frames } = mm;
  const young = youngMappings(mm, frame);
  if (young > 0) {
    lruvec.foundYoung(frame, scan);
    clearYoung(mm, frame);
  }
  const referenced = frames.testAndClear(frame, PG.Referenced);
  if (young === 0) return undefined;
  frames.set(frame, PG.Referenced);
  return referenced || young > 1 || mm.profile.oneTouchActivates ? "activate" : "keep";
}

/** add_to_swap: gives the page a slot; it is dirty from then on, so its first swap-out always writes. */
function addToSwap(mm: MemoryManager, group: MemCgroup, frame: FrameId): boolean {
  const entry = mm.swap.allocate();
  if (entry === NO_ENTRY) return false;
  if (!chargeSwap(mm, group, entry)) {
    mm.swap.giveBack(entry);
    return false;
  }
  mm.frames.entry[frame] = entry;
  mm.frames.set(frame, PG.SwapCache | PG.Dirty);
  mm.swap.addToCache(entry, frame);
  mm.rstat.updated(1);
  return true;
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

/** __remove_mapping: the clean page leaves swap cache or page cache and a shadow takes its place. */
function removeMapping(mm: MemoryManager, frame: FrameId): Fate {
  const { frames } = mm;
  if (isReferencedElsewhere(mm, frame) || frames.has(frame, PG.Mapped)) return "keep";
  const shadow = mm.groupOf(frame).lruvec.shadowOf(frame);
  if (frames.isFile(frame)) {
    mm.files[frames.ownerTask[frame]!]!.remove(frames.ownerPage[frame]!, shadow);
  } else {
    if (frames.hasOwner(frame)) mm.observer.dropped(frames.ownerTask[frame]!, frames.ownerPage[frame]!);
    mm.swap.removeFromCache(frames.entry[frame]!, shadow);
    frames.clear(frame, PG.SwapCache);
  }
  mm.rstat.updated(1);
  freePage(mm, frame);
  return "freed";
}

function freeOrphan(mm: MemoryManager, frame: FrameId): Fate {
  if (isReferencedElsewhere(mm, frame)) return "keep";
  freePage(mm, frame);
  return "freed";
}

function activate(mm: MemoryManager, group: MemCgroup, frame: FrameId): void {
  if (mm.frames.has(frame, PG.SwapCache) && swapIsFull(mm, group)) freeSwapCache(mm, frame);
  mm.frames.set(frame, PG.Active);
  mm.vm.pgactivate++;
  group.counted.pgactivate++;
  mm.rstat.updated(1);
}
