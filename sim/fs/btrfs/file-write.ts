import { type Actor, type BlockNumber, type Pages, probe, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BlockGroup } from "./block-group.ts";
import { cowFileRange, observeWrite, type WriteOptions } from "./cow-file-range.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { logicalOf } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { sliceOf, statusOf, submitWrite, type WriteContents, whenFirstEnds } from "./map-bio.ts";
import { canNocow } from "./nocow.ts";
import type { OperationState } from "./rules/index.ts";
import { FILE_BLOCKS_MAX } from "./tree-item.ts";

const hitReadOnlyFallback = probe(
  "an in-place write falls back to COW because balance works on its block group",
);

/** write(2) and its writeback at once: fresh contents for blocks [first, first + count), on the device at the end. */
export function* bufferedWrite(
  info: FsInfo,
  inode: Inode,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  yield* info.startWrite();
  const decision = info.rules.ask("write", {
    readOnlyFilesystem: info.readOnly,
    readOnlySubvolume: inode.subvolume.readOnly,
    immutable: inode.flags.immutable,
    swapFile: inode.isSwapFile,
    ...ofWrite(inode, first, count),
  });
  if (decision) return decision.errno;
  if (count <= 0) return undefined;
  const generation = info.context.generations.take(count);
  // Data in the tree gets an extent if there will be more behind it.
  const from = inode.inline ? 0 : first;
  yield* info.series.allocate("page of the page cache");
  yield* lockExtents(info, inode, { first: from, end: first + count }, "lock_extent (write)");
  const run = { generation, owner: inode.owner, index: first };
  const errno = inode.isGone
    ? "ENOENT"
    : ((first > 0 ? yield* leaveTree(info, inode) : undefined) ??
      (yield* writeLocked(info, inode, { first, count, run })));
  const written = errno === undefined ? first + count : endOfWritten(inode, first + count);
  if (written > inode.size && !info.readOnly) inode.update({ size: written });
  inode.lock.unlock(from, first + count);
  return errno;
}

/** Of a write up to `end` that failed, the end of what it wrote behind the old one: it was a short write. */
export function endOfWritten(inode: Inode, end: Pages): Pages {
  const written = inode.itemsIn(inode.size, end).findLast(({ prealloc }) => !prealloc);
  return written ? Math.min(written.end, end) : inode.size;
}

/** What the rules see of a write to these blocks. */
export function ofWrite(
  { flags, size }: Inode,
  first: Pages,
  count: Pages,
): Pick<OperationState, "appendOnly" | "tooLong"> {
  return { appendOnly: flags.append && first < size, tooLong: first + count > FILE_BLOCKS_MAX };
}

/** A file that is about to have more than what fits into the tree: its data gets an extent (btrfs_cont_expand). */
export function* leaveTree(info: FsInfo, inode: Inode): Actor<Errno | undefined> {
  const { inline } = inode;
  if (!inline) return undefined;
  const run = { generation: inline.generation, owner: inode.owner, index: 0 };
  return yield* cowFileRange(info, inode, { first: 0, count: 1, run });
}

/**
 * A part of a block gets other bytes: as contents of a block are one thing in the model, the block gets fresh ones. The
 * caller holds the extent lock.
 */
export function* rewriteBlock(info: FsInfo, inode: Inode, block: Pages): Actor<Errno | undefined> {
  const generation = info.context.generations.take(1);
  // What was stored through a mapping is part of what is written.
  inode.delalloc.delete(block);
  const run = { generation, owner: inode.owner, index: block };
  return yield* writeLocked(info, inode, { first: block, count: 1, run });
}

/**
 * Writes blocks of a file, each piece in place or copy-on-write as can_nocow_extent decides (run_delalloc_range); the
 * caller holds the extent lock. Pieces that are written in place are counted, so that relocation can wait for them.
 */
export function* writeLocked(
  info: FsInfo,
  inode: Inode,
  contents: WriteContents,
  options: WriteOptions = {},
): Actor<Errno | undefined> {
  const end = contents.first + contents.count;
  for (let block = contents.first; block < end; ) {
    const item = inode.itemAt(block);
    const pieceEnd = Math.min(end, item ? item.end : nextItemStart(inode, block, end));
    const piece = sliceOf(contents, block, pieceEnd - block);
    const inPlace = item !== undefined && options.forceCow !== true && canNocow(info, inode, item);
    if (item && inode.nocow && info.groupOf(item.extent).readOnly) hitReadOnlyFallback();
    const written = inPlace ? yield* runDelallocNocow(info, inode, logicalOf(item, block), piece) : "cow";
    if (written !== "cow") {
      if (written !== undefined) return written;
      block = pieceEnd;
      continue;
    }
    // A COW write takes everything up to the next piece that stays in place in one go.
    const cowEnd = options.forceCow === true ? end : cowRunEnd(info, inode, block, end);
    const errno = yield* cowFileRange(info, inode, sliceOf(contents, block, cowEnd - block), options);
    if (errno !== undefined) return errno;
    block = cowEnd;
  }
  return undefined;
}

/** Where the next item of a file begins, at most `end`. */
export function nextItemStart(inode: Inode, block: Pages, end: Pages): Pages {
  for (const item of inode.itemsFrom(block, end)) return item.fileBlock;
  return end;
}

function cowRunEnd(info: FsInfo, inode: Inode, first: Pages, end: Pages): Pages {
  for (const item of inode.itemsFrom(first, end)) {
    if (item.fileBlock > first && canNocow(info, inode, item)) return item.fileBlock;
  }
  return end;
}

/**
 * run_delalloc_nocow, and the same of direct I/O: the blocks are overwritten where can_nocow_extent found them. It joins
 * a transaction first, which an aborted one does not let it. "cow": relocation or a snapshot has come first.
 *
 * From the decision to the ordered extent, for which everybody waits, snapshots are kept out, as buffered writes do
 * (btrfs_check_nocow_lock; direct writes of mainline do without). Relocation waits for whoever is counted, and who comes
 * too late for that writes to new space (f78c436c3931, 4.7).
 */
function* runDelallocNocow(
  info: FsInfo,
  inode: Inode,
  logical: BlockNumber,
  contents: WriteContents,
): Actor<Errno | "cow" | undefined> {
  const { engine } = info.context;
  const { snapshotLock } = inode.subvolume;
  if (info.aborted) return "EROFS";
  if (!snapshotLock.tryWriteLock()) return "cow";
  if (engine.exploring) yield step("btrfs_inc_nocow_writers", info.volumes.findGroup(logical));
  const counted = countNocowWriter(info, logical);
  if (counted === "cow") {
    snapshotLock.writeUnlock();
    return "cow";
  }
  if (engine.exploring) yield step("btrfs_add_ordered_extent", counted);
  const group = addOrderedInPlace(info, logical, counted);
  if (!group) {
    snapshotLock.writeUnlock();
    return "EIO";
  }
  const bios = submitWrite(info, logical, contents);
  whenFirstEnds(bios, (bio) => {
    if (bio.status === "ok") observeWrite(info, inode, contents);
  });
  for (const bio of bios) if (!bio.done) yield bio.wait(engine, "wait for data writes");
  group.endOrderedInPlace();
  snapshotLock.writeUnlock();
  return statusOf(group, bios) ?? markWritten(info, inode, contents);
}

/** btrfs_inc_nocow_writers; undefined if this version of the kernel does not count. */
function countNocowWriter({ fixes, volumes }: FsInfo, logical: BlockNumber): BlockGroup | "cow" | undefined {
  if (!fixes.nocowWriters) return undefined;
  const group = volumes.findGroup(logical);
  return group?.incNocowWriters() === true ? group : "cow";
}

/** The ordered extent, and the end of being counted. A group that counts the writer stays; another may be gone by now. */
function addOrderedInPlace(
  { volumes }: FsInfo,
  logical: BlockNumber,
  counted: BlockGroup | undefined,
): BlockGroup | undefined {
  const group = counted ?? volumes.findGroup(logical);
  if (group) group.orderedInPlace++;
  counted?.decNocowWriters();
  return group;
}

/**
 * Preallocated blocks that were written are ordinary ones from now on (btrfs_mark_extent_written). EROFS if the
 * filesystem was aborted meanwhile and they still read as zeroes.
 */
function markWritten(info: FsInfo, inode: Inode, { first, count }: WriteContents): Errno | undefined {
  if (info.readOnly) {
    return inode.itemsIn(first, first + count).some(({ prealloc }) => prealloc) ? "EROFS" : undefined;
  }
  inode.touch(info.transactions.generation);
  const around = inode.itemAt(first);
  if (around && !around.prealloc && first + count <= around.end) return undefined;
  for (const item of inode.itemsIn(first, first + count)) {
    if (!item.prealloc) continue;
    const from = Math.max(first, item.fileBlock);
    inode.markWritten(item, from, Math.min(first + count, item.end));
    inode.mergeAround(from);
  }
  return undefined;
}
