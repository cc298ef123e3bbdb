import { type Actor, assert, type Duration, fail, type Pages, probe, SECOND } from "../../engine/index.ts";
import { NO_FRAME, PG } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { FileCache } from "./file-cache.ts";

/** How often the flusher looks whether something has become old (vm.dirty_writeback_centisecs, 6.1). */
const INTERVAL: Duration = 5 * SECOND;
/** Pages of one file before others have their turn (MAX_WRITEBACK_PAGES, 6.1). */
const SLICE: Pages = 1024;
/** Pages of one request. An estimate: 1 MiB, as plugs and device limits make them. */
const REQUEST: Pages = 256;

const hitReclaimed = probe("reclaim waits for a dirty page of a file, and is given it when its write ends");

/**
 * wb_workfn: writes dirty pages of files that are old, all of them while there are too many, or when reclaim asks.
 * Requests go out one after the other, where the kernel has many on the way: an estimate at its simplest.
 */
export function* flusher(mm: MemoryManager): Actor {
  const { dirty } = mm;
  for (;;) {
    for (let file = dirty.next(); file; file = dirty.next()) yield* writebackSingleInode(mm, file);
    if (dirty.waiting > 0) yield* dirty.wanted.waitFor("wb_workfn (until something is old)", INTERVAL);
    else yield dirty.wanted.wait("wb_workfn");
  }
}

/**
 * __writeback_single_inode: up to a slice of a file, going on where it stopped. What was not dirty yet when this round
 * through the file began counts as dirty from its end on.
 */
function* writebackSingleInode(mm: MemoryManager, file: FileCache): Actor {
  if (file.leftOfRound <= 0) file.leftOfRound = file.dirty;
  for (let left = Math.min(SLICE, file.leftOfRound); left > 0 && file.dirty > 0; ) {
    const first = nextDirty(mm, file);
    const count = dirtyRun(mm, file, first, Math.min(left, REQUEST));
    left -= count;
    file.leftOfRound -= count;
    file.writebackIndex = (first + count) % file.pages;
    yield* writePages(mm, file, first, count);
  }
  if (file.leftOfRound <= 0) file.dirtiedAt = mm.engine.now;
}

function isDirty(mm: MemoryManager, file: FileCache, page: number): boolean {
  const frame = file.frameOf(page);
  return frame !== NO_FRAME && mm.frames.has(frame, PG.Dirty);
}

/** The next dirty page from the writeback index on, round and round. */
function nextDirty(mm: MemoryManager, file: FileCache): number {
  for (let distance = 0; distance < file.pages; distance++) {
    const page = (file.writebackIndex + distance) % file.pages;
    if (isDirty(mm, file, page)) return page;
  }
  fail("a file that counts dirty pages has them");
}

function dirtyRun(mm: MemoryManager, file: FileCache, first: number, most: Pages): Pages {
  let count = 1;
  while (count < most && isDirty(mm, file, first + count)) count++;
  return count;
}

/** One request from its submission to its end. A failed write is reported; the pages are clean all the same, as in Linux. */
function* writePages(mm: MemoryManager, file: FileCache, first: number, count: Pages): Actor {
  const { frames, dirty } = mm;
  for (let page = first; page < first + count; page++) {
    frames.clear(file.frameOf(page), PG.Dirty);
    frames.set(file.frameOf(page), PG.Writeback);
  }
  file.dirty -= count;
  mm.writeback += count;
  dirty.submitted(count);
  const { backing } = file;
  assert(backing.write !== undefined, "only a file that can be written has dirty pages");
  const isWritten = yield* backing.write(first, count);
  if (!isWritten)
    mm.log(`${backing.name}: write-back of ${count} pages from page ${first} on failed, they are lost`);
  for (let page = first; page < first + count; page++) endWriteback(mm, file.frameOf(page));
  dirty.written(count);
  mm.writebackEnded.wakeAll();
}

/** folio_end_writeback: a page that reclaim wants is met next. */
function endWriteback(mm: MemoryManager, frame: number): void {
  const { frames } = mm;
  assert(frame !== NO_FRAME, "a page under write-back stays in the page cache");
  frames.clear(frame, PG.Writeback);
  mm.writeback--;
  if (!frames.testAndClear(frame, PG.Reclaim)) return;
  hitReclaimed();
  if (frames.has(frame, PG.Lru) && !frames.has(frame, PG.Locked | PG.Dirty)) mm.batches.rotate(frame);
}
