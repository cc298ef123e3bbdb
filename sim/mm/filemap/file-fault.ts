import type { Actor } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, NO_FRAME, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { isPresent, PTE_DIRTY, PTE_WRITABLE, PTE_YOUNG, presentPte } from "../pte.ts";
import type { FileCache } from "./file-cache.ts";
import { readWindow, waitUntilRead } from "./page-cache-read.ts";

/** Cached neighbours mapped along with a fault: 64 KiB, aligned (fault_around_bytes, 6.1). */
const FAULT_AROUND = 16;
/** Misses after which a mapping is taken to be read at random and nothing is read around (MMAP_LOTSAMISS, 6.1). */
const LOTS_OF_MISSES = 100;

/** A load from a page of a mapped file. */
export function* loadMapped(mm: MemoryManager, task: AddressSpace, cache: FileCache, page: number): Actor {
  cache.mapper = task;
  if (isPresent(cache.ptes[page]!)) {
    cache.ptes[page]! |= PTE_YOUNG;
    return;
  }
  mm.noteFault(task);
  yield* mm.processors.run("filemap_fault", mm.costs.minorFault);
  mapAround(mm, cache, page);
  if (isPresent(cache.ptes[page]!)) return;
  yield* filemapFault(mm, task, cache, page);
}

/** filemap_map_pages: maps what is cached around the page, all of it young; pages with the readahead mark are left out. */
function mapAround(mm: MemoryManager, cache: FileCache, page: number): void {
  const { frames } = mm;
  const first = page - (page % FAULT_AROUND);
  for (let other = first; other < Math.min(first + FAULT_AROUND, cache.pages); other++) {
    const frame = cache.frameOf(other);
    if (frame === NO_FRAME || frames.has(frame, PG.Mapped | PG.Reclaim | PG.Locked)) continue;
    mapFilePage(mm, cache, other, frame);
    if (cache.readahead.misses > 0) cache.readahead.misses--;
  }
}

/** filemap_fault: reads the page or goes on reading ahead. Waiting for I/O makes the fault a major one for its task. */
function* filemapFault(mm: MemoryManager, task: AddressSpace, cache: FileCache, page: number): Actor {
  const { frames } = mm;
  const { readahead } = cache;
  let retried = false;
  const cached = cache.frameOf(page);
  if (cached === NO_FRAME) {
    retried = true;
    mm.noteMajorFault(task);
    readahead.misses++;
    const around = readahead.misses <= LOTS_OF_MISSES;
    const window = around ? readahead.windowAround(page) : { first: page, pages: 1, mark: -1 };
    yield* readWindow(mm, task, cache, window, true);
  } else {
    if (readahead.misses > 0) readahead.misses--;
    if (frames.testAndClear(cached, PG.Reclaim)) {
      retried = true;
      task.majorFaults++;
      const window = readahead.window(page, true, (other) => cache.has(other));
      if (window) yield* readWindow(mm, task, cache, window, true);
    }
  }
  if (retried) mm.vm.pgfault++;
  const frame = cache.frameOf(page);
  if (frame === NO_FRAME) return;
  yield* waitUntilRead(mm, frame);
  if (!frames.has(frame, PG.Uptodate) || frames.has(frame, PG.Mapped) || cache.frameOf(page) !== frame)
    return;
  frames.clear(frame, PG.Reclaim);
  mapFilePage(mm, cache, page, frame);
  readahead.hasRead(page - 1);
}

function mapFilePage(mm: MemoryManager, cache: FileCache, page: number, frame: FrameId): void {
  cache.ptes[page] = presentPte(frame, false) & ~(PTE_DIRTY | PTE_WRITABLE);
  mm.frames.set(frame, PG.Mapped);
  mm.rstat.updated(1);
}
