import type { BlockContent, Plug } from "../block/index.ts";
import { type Actor, PAGE_SIZE } from "../engine/index.ts";
import { type SwapEntry, SwapIo } from "../swap/index.ts";
import { type FrameId, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { touchFrame, touchPage } from "./touch.ts";

/**
 * swap_writepage: sends the page to its slot, or keeps it compressed. The frame is under write-back until the transport
 * says that the write has ended; a synchronous transport wants to be waited for until then.
 */
export function swapWritepage(mm: MemoryManager, frame: FrameId, plug: Plug): Actor | undefined {
  const { frames, observer, vm } = mm;
  const entry = frames.entry[frame]!;
  const owned = frames.hasOwner(frame) ? takeCopy(mm, frame) : neverMapped(mm, frame);
  observer.slotWritten(entry, owned.generation);
  vm.nr_vmscan_write++;
  const length = lengthOf(mm, frame);
  if (mm.profile.zeromap && length === 0) {
    mm.zeromap.set(entry, owned);
    frames.clear(frame, PG.Reclaim);
    vm.swpout_zero++;
    return undefined;
  }
  if (mm.profile.zeromap) mm.zeromap.delete(entry);
  if (mm.zswap?.store(entry, owned, length, frames.group[frame]!)) {
    frames.clear(frame, PG.Reclaim);
    vm.zswpout++;
    mm.rstat.updated(3);
    return undefined;
  }
  return writeToSlot(mm, frame, owned, plug, length);
}

/** What is written of a page that a task has mapped, or had: the oracle names the bytes. */
function takeCopy(mm: MemoryManager, frame: FrameId): BlockContent {
  const { frames } = mm;
  const task = frames.ownerTask[frame]!;
  const index = frames.ownerPage[frame]!;
  touchPage(mm, task, index);
  const generation = mm.observer.copied(task, index, frames.content[frame]!);
  frames.content[frame] = generation;
  return { generation, owner: mm.ownerIds[task]!, index };
}

/** A page that was read ahead, never mapped, and marked dirty all the same (without patch 2): what was read goes back. */
function neverMapped({ frames }: MemoryManager, frame: FrameId): BlockContent {
  return { generation: frames.content[frame]!, owner: 0, index: 0 };
}

/** Bytes that the page compresses to; of a page without an owner all of them. */
function lengthOf({ frames, tasks }: MemoryManager, frame: FrameId): number {
  if (!frames.hasOwner(frame)) return PAGE_SIZE;
  return tasks[frames.ownerTask[frame]!]!.compressedSize(frames.ownerPage[frame]!);
}

/** __swap_writepage: the write of a page to its slot, past zswap. `length` is what it compresses to. */
export function writeToSlot(
  mm: MemoryManager,
  frame: FrameId,
  content: BlockContent,
  plug: Plug,
  length: number,
): Actor | undefined {
  const entry = mm.frames.entry[frame]!;
  mm.frames.set(frame, PG.Writeback);
  mm.writeback++;
  mm.rstat.updated(1);
  const area = mm.swap.areaOf(entry);
  if (area.transport.countsOnSuccess !== true) mm.vm.pswpout++;
  const io = new SwapIo(entry - area.base, frame, content, mm.swapIoEnds.write);
  io.compressedSize = length;
  return area.transport.writePage(io, plug);
}

/**
 * swap_readpage: fills a locked frame from its slot, or from where it is kept compressed; the end unlocks it. To be
 * waited for like swapWritepage.
 */
export function swapReadpage(mm: MemoryManager, frame: FrameId, plug: Plug | undefined): Actor | undefined {
  const entry = mm.frames.entry[frame]!;
  const area = mm.swap.areaOf(entry);
  const kept = loadKept(mm, entry);
  const content = kept?.content ?? NOTHING;
  const io = new SwapIo(entry - area.base, frame, content, mm.swapIoEnds.read);
  if (!kept) {
    mm.vm.pswpin++;
    return area.transport.readPage(io, plug);
  }
  if (kept.by === "zswap") {
    // Where no copy is left the page is the only one.
    io.dirtied = dropsAtLoad(mm);
    return decompress(mm, io);
  }
  // The page is cleared, which costs next to nothing beside a fault.
  io.complete(false);
  return undefined;
}

const NOTHING: BlockContent = { generation: 0, owner: 0, index: 0 };

/** Every load takes its entry out of the pool, whatever becomes of the page (exclusive loads, 6.5 to 6.8, KB-28a). */
function dropsAtLoad(mm: MemoryManager): boolean {
  return mm.faults.has("zswapDropsAtLoad");
}

/** The page of a slot that was not written there. */
export interface KeptPage {
  readonly by: "zeromap" | "zswap";
  readonly content: BlockContent;
}

/**
 * What memory keeps of a slot; undefined if it has to be read from the area. A page of zeroes does not take away what
 * zswap kept of an earlier one, so the bit of the slot is asked first (swap_read_folio, 6.12).
 */
export function keptFor(mm: MemoryManager, entry: SwapEntry): KeptPage | undefined {
  const zeroes = mm.profile.zeromap ? mm.zeromap.get(entry) : undefined;
  if (zeroes) return { by: "zeromap", content: zeroes };
  const stored = mm.zswap?.load(entry);
  return stored && { by: "zswap", content: stored };
}

/** swap_read_folio_zeromap, then zswap_frontswap_load: a read that memory can answer, counted. */
function loadKept(mm: MemoryManager, entry: SwapEntry): KeptPage | undefined {
  const kept = keptFor(mm, entry);
  if (kept?.by === "zeromap") mm.vm.swpin_zero++;
  if (kept?.by !== "zswap") return kept;
  if (dropsAtLoad(mm)) mm.zswap?.invalidate(entry);
  mm.vm.zswpin++;
  mm.rstat.updated(1);
  return kept;
}

/** No I/O, but the CPU has to unpack the page. */
function* decompress(mm: MemoryManager, io: SwapIo): Actor {
  yield* mm.processors.run("zswap_frontswap_load", mm.costs.decompress);
  io.complete(false);
}

/** Reads a slot of an area with synchronous I/O; undefined if it could not be read. */
export function readNow(mm: MemoryManager, entry: SwapEntry): BlockContent | undefined {
  const kept = loadKept(mm, entry);
  if (kept) return kept.content;
  const area = mm.swap.areaOf(entry);
  mm.vm.pswpin++;
  let found: BlockContent | undefined;
  const io = new SwapIo(entry - area.base, -1, NOTHING, (ended) => {
    if (!ended.failed) found = ended.content;
  });
  area.transport.readPage(io, undefined);
  return found;
}

/** What follows the transfer of a frame. */
export interface SwapIoEnds {
  readonly write: (io: SwapIo) => void;
  readonly read: (io: SwapIo) => void;
}

/** The ends of all transfers of a machine. */
export function swapIoEnds(mm: MemoryManager): SwapIoEnds {
  return { write: (io) => endSwapWrite(mm, io), read: (io) => endSwapRead(mm, io) };
}

/** end_swap_bio_write: a failed page is dirty again and stays; a good one that reclaim waits for is met next. */
function endSwapWrite(mm: MemoryManager, { frame, failed }: SwapIo): void {
  const { frames } = mm;
  touchFrame(mm, frame);
  if (!failed && mm.swap.areaOf(frames.entry[frame]!).transport.countsOnSuccess === true) mm.vm.pswpout++;
  const wanted = frames.testAndClear(frame, PG.Reclaim);
  frames.clear(frame, PG.Writeback);
  mm.writeback--;
  mm.rstat.updated(1);
  if (failed) frames.set(frame, PG.Dirty);
  else if (wanted && frames.has(frame, PG.Lru) && !frames.has(frame, PG.Locked | PG.Dirty))
    mm.batches.rotate(frame);
  mm.writebackEnded.wakeAll();
}

/** end_swap_bio_read: the page, which was locked and so kept its slot, has its contents; whoever waits for it goes on. */
function endSwapRead(mm: MemoryManager, { frame, failed, content, dirtied }: SwapIo): void {
  const { frames } = mm;
  touchFrame(mm, frame);
  if (!failed) {
    frames.content[frame] = content.generation;
    frames.set(frame, dirtied ? PG.Uptodate | PG.Dirty : PG.Uptodate);
    mm.observer.slotRead(frames.entry[frame]!, content.generation);
  }
  frames.clear(frame, PG.Locked);
  mm.wakePageWaiters(frame);
}
