import type { Actor } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { NO_FRAME, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { FileCache } from "./file-cache.ts";
import { readWindow, waitUntilRead } from "./page-cache-read.ts";

/** filemap_read of one page by a system call: through the page cache, with readahead. */
export function* filemapRead(mm: MemoryManager, task: AddressSpace, cache: FileCache, page: number): Actor {
  const { frames } = mm;
  if (!cache.has(page)) yield* pageCacheSyncReadahead(mm, task, cache, page);
  const frame = cache.frameOf(page);
  if (frame === NO_FRAME) return;
  if (frames.testAndClear(frame, PG.Reclaim)) {
    const window = cache.readahead.window(page, true, (other) => cache.has(other));
    if (window) yield* readWindow(mm, task, cache, window, false);
  }
  yield* waitUntilRead(mm, frame);
  mm.groupOf(frame).lruvec.markAccessed(frame);
  cache.readahead.hasRead(page);
  yield* mm.processors.run("filemap_read", mm.costs.readPage);
}

/** A missing page: its window, and the page alone if the window lies elsewhere. */
function* pageCacheSyncReadahead(
  mm: MemoryManager,
  task: AddressSpace,
  cache: FileCache,
  page: number,
): Actor {
  const window = cache.readahead.window(page, false, (other) => cache.has(other));
  if (window) yield* readWindow(mm, task, cache, window, false);
  if (!cache.has(page)) yield* readWindow(mm, task, cache, { first: page, pages: 1, mark: -1 }, false);
}
