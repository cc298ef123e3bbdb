import { type Actor, assert } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, NO_FRAME, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { allocPage } from "../reclaim/page-alloc.ts";
import type { FileCache } from "./file-cache.ts";
import type { ReadWindow } from "./file-readahead.ts";

/** page_cache_ra_unbounded: brings in the missing pages of a window; each stretch of them is one request. */
export function* readWindow(
  mm: MemoryManager,
  task: AddressSpace,
  cache: FileCache,
  window: ReadWindow,
  inFault: boolean,
): Actor {
  let first = -1;
  const end = window.first + window.pages;
  for (let page = window.first; page < end; page++) {
    const frame = cache.has(page) ? NO_FRAME : yield* addToPageCache(mm, task, cache, page, inFault);
    if (frame !== NO_FRAME) {
      if (first < 0) first = page;
      if (page === window.mark) mm.frames.set(frame, PG.Reclaim);
    }
    if (first >= 0 && (frame === NO_FRAME || page === end - 1)) {
      startRead(mm, cache, first, frame === NO_FRAME ? page - first : page + 1 - first);
      first = -1;
    }
  }
}

/** filemap_add_folio with a fresh, locked page; NO_FRAME if it came in meanwhile or there is no memory for it. */
export function* addToPageCache(
  mm: MemoryManager,
  task: AddressSpace,
  cache: FileCache,
  page: number,
  inFault: boolean,
): Actor<FrameId> {
  const allocating = allocPage(mm, task);
  const frame = typeof allocating === "number" ? allocating : yield* allocating;
  if (frame === NO_FRAME) return NO_FRAME;
  assert(!cache.has(page), "one reader of a file brings in its pages");
  const { frames } = mm;
  frames.set(frame, PG.Locked | PG.File);
  frames.ownerTask[frame] = cache.id;
  frames.ownerPage[frame] = page;
  mm.groupOf(frame).lruvec.refault(frame, cache.add(page, frame), inFault);
  mm.rstat.updated(1);
  mm.batches.add(frame, inFault);
  yield* mm.processors.run("filemap_add_folio", mm.costs.filePage);
  return frame;
}

/** read_pages: the request is on its way; its end unlocks the pages. */
function startRead(mm: MemoryManager, cache: FileCache, first: number, count: number): void {
  mm.engine.spawn(`read ${cache.backing.name}`, readPages(mm, cache, first, count), { daemon: true });
}

function* readPages(mm: MemoryManager, cache: FileCache, first: number, count: number): Actor {
  const isRead = yield* cache.backing.read(first, count);
  for (let page = first; page < first + count; page++) {
    const frame = cache.frameOf(page);
    assert(frame !== NO_FRAME, "a page under read stays in the page cache");
    if (isRead) mm.frames.set(frame, PG.Uptodate);
    mm.frames.clear(frame, PG.Locked);
    mm.wakePageWaiters(frame);
  }
}

/** folio_wait_locked. Waiting for a page that had been active is a memory stall. */
export function* waitUntilRead(mm: MemoryManager, frame: FrameId): Actor {
  const { frames } = mm;
  if (!frames.has(frame, PG.Locked)) return;
  const stall = frames.has(frame, PG.Workingset);
  if (stall) mm.psi.enterStall();
  frames.pins[frame]!++;
  while (frames.has(frame, PG.Locked)) yield mm.pageWaitQueue(frame).wait("folio_wait_locked");
  frames.pins[frame]!--;
  if (stall) mm.psi.leaveStall();
}
