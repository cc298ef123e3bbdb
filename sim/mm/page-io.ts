import type { Plug } from "../block/index.ts";
import type { Actor } from "../engine/index.ts";
import { SwapIo } from "../swap/index.ts";
import { type FrameId, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";

/**
 * swap_writepage: sends the page to its slot. The frame is under write-back until the transport says that the write
 * has ended; a synchronous transport wants to be waited for until then.
 */
export function swapWritepage(mm: MemoryManager, frame: FrameId, plug: Plug): Actor | undefined {
  const { frames, observer, swap } = mm;
  const entry = frames.entry[frame]!;
  const task = frames.ownerTask[frame]!;
  const page = frames.ownerPage[frame]!;
  const content = observer.copied(task, page, frames.content[frame]!);
  frames.content[frame] = content;
  observer.slotWritten(entry, content);
  frames.set(frame, PG.Writeback);
  mm.writeback++;
  mm.rstat.updated(1);
  mm.vm.pswpout++;
  mm.vm.nr_vmscan_write++;
  const area = swap.areaOf(entry);
  const owned = { generation: content, owner: mm.ownerIds[task]!, index: page };
  const io = new SwapIo(entry - area.base, frame, owned, (ended) => endSwapWrite(mm, ended));
  return area.transport.writePage(io, plug);
}

/** end_swap_bio_write: a failed page is dirty again and stays; a good one that reclaim waits for is met next. */
function endSwapWrite(mm: MemoryManager, io: SwapIo): void {
  const { frames } = mm;
  const { frame } = io;
  const wanted = frames.testAndClear(frame, PG.Reclaim);
  frames.clear(frame, PG.Writeback);
  mm.writeback--;
  mm.rstat.updated(1);
  if (io.failed) frames.set(frame, PG.Dirty);
  else if (wanted && frames.has(frame, PG.Lru) && !frames.has(frame, PG.Locked | PG.Dirty))
    mm.batches.rotate(frame);
  mm.writebackEnded.wakeAll();
}

/** swap_readpage: fills a locked frame from its slot; the end unlocks it. To be waited for like swapWritepage. */
export function swapReadpage(mm: MemoryManager, frame: FrameId, plug: Plug | undefined): Actor | undefined {
  const entry = mm.frames.entry[frame]!;
  const area = mm.swap.areaOf(entry);
  mm.vm.pswpin++;
  const io = new SwapIo(entry - area.base, frame, { generation: 0, owner: 0, index: 0 }, (ended) => {
    endSwapRead(mm, ended, entry);
  });
  return area.transport.readPage(io, plug);
}

function endSwapRead(mm: MemoryManager, io: SwapIo, entry: number): void {
  const { frames } = mm;
  if (!io.failed) {
    frames.content[io.frame] = io.content.generation;
    frames.set(io.frame, PG.Uptodate);
    mm.observer.slotRead(entry, io.content.generation);
  }
  frames.clear(io.frame, PG.Locked);
  mm.wakePageWaiters(io.frame);
}
