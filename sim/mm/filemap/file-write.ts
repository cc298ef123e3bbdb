import { type Actor, type Duration, MILLISECOND } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { NO_FRAME, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { FileCache } from "./file-cache.ts";
import { addToPageCache, waitUntilRead } from "./page-cache-read.ts";

/** A throttled writer looks again at least this often (MAX_PAUSE, HZ/5, 6.1). */
const PAUSE: Duration = 200 * MILLISECOND;

/**
 * generic_perform_write of one whole page by a system call: it is dirty in the page cache afterwards and is written
 * later. Nothing has to be read for that.
 */
export function* filemapWrite(mm: MemoryManager, task: AddressSpace, cache: FileCache, page: number): Actor {
  const { frames } = mm;
  let frame = cache.frameOf(page);
  if (frame === NO_FRAME) {
    frame = yield* addToPageCache(mm, task, cache, page, false);
    if (frame === NO_FRAME) return;
    frames.clear(frame, PG.Locked);
    mm.wakePageWaiters(frame);
  }
  yield* waitUntilWritable(mm, frame);
  frames.set(frame, PG.Uptodate);
  markDirty(mm, cache, frame);
  mm.groupOf(frame).lruvec.markAccessed(frame);
  yield* mm.processors.run("generic_perform_write", mm.costs.readPage);
  yield* balanceDirtyPages(mm, task);
}

/** Neither under read nor under write: btrfs computes checksums of what it writes, so it must not change meanwhile. */
function* waitUntilWritable(mm: MemoryManager, frame: number): Actor {
  const { frames } = mm;
  frames.pins[frame]!++;
  yield* waitUntilRead(mm, frame);
  while (frames.has(frame, PG.Writeback)) yield mm.writebackEnded.wait("folio_wait_writeback");
  frames.pins[frame]!--;
}

/** filemap_dirty_folio. */
function markDirty(mm: MemoryManager, cache: FileCache, frame: number): void {
  if (mm.frames.has(frame, PG.Dirty)) return;
  mm.frames.set(frame, PG.Dirty);
  if (cache.dirty++ === 0) cache.dirtiedAt = mm.engine.now;
  mm.dirty.dirtied();
}

/** balance_dirty_pages: who dirties faster than the disk writes has to wait. */
function* balanceDirtyPages(mm: MemoryManager, task: AddressSpace): Actor {
  if (mm.dirty.isOverBackground) mm.dirty.wanted.wakeAll();
  while (mm.dirty.mustThrottle && !task.death) {
    yield* mm.dirty.throttled.waitFor("balance_dirty_pages", PAUSE);
  }
}
