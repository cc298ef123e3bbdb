import { type Actor, type BlockNumber, type Pages, probe, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BlockGroup } from "./block-group.ts";
import { INSERT_BYTES, UPDATE_BYTES } from "./block-rsv.ts";
import {
  COMPRESSED_MAX,
  type CompressionMethod,
  compressCost,
  compressedBlocks,
  compressionFor,
} from "./compression.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import type { Checksums } from "./extent-tree.ts";
import { logicalOf } from "./file-extent.ts";
import { type PlacedExtent, replaceExtents } from "./file-item.ts";
import type { Reservation } from "./find-free-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { payloadOfWrite, sliceOf, statusOf, submitWrite, type WriteContents, waitForAll } from "./map-bio.ts";
import { canNocow } from "./nocow.ts";
import type { OperationState } from "./rules/index.ts";
import { FILE_BLOCKS_MAX } from "./tree-item.ts";

const hitReadOnlyFallback = probe(
  "an in-place write falls back to COW because balance works on its block group",
);
const hitForcedCommit = probe("a write finds space only after a forced commit");

/** Writes below 64 KiB count as small for autodefrag (inode_should_defrag). */
const SMALL_WRITE: Pages = 16;
/** Longest extent that one writeback makes (BTRFS_MAX_EXTENT_SIZE, 128 MiB). */
const EXTENT_MAX: Pages = 32_768;

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
  if (errno === undefined && first + count > inode.size) inode.update({ size: first + count });
  inode.lock.unlock(from, first + count);
  return errno;
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

export interface WriteOptions {
  /** Nothing is written in place (defrag). */
  readonly forceCow?: boolean;
  /** Compressed by this method, if the file can be (defrag). */
  readonly compress?: CompressionMethod | undefined;
  /** Direct I/O: its data is never compressed. */
  readonly direct?: true;
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

function nextItemStart(inode: Inode, block: Pages, end: Pages): Pages {
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
  if (bios[0]) {
    bios[0].end = (bio) => {
      if (bio.status === "ok") observeWrite(info, inode, contents);
    };
  }
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

/**
 * Copy-on-write, compressed where the file asks for it: compress_file_range in pieces of 128 KiB, or cow_file_range for
 * all of it.
 */
export function* cowFileRange(
  info: FsInfo,
  inode: Inode,
  contents: WriteContents,
  { compress, direct }: WriteOptions = {},
): Actor<Errno | undefined> {
  const method = direct ? undefined : compressionFor(info, inode, contents, compress);
  if (!method) return yield* withMetadata(info, inode, cowReserved(info, inode, contents));
  const end = contents.first + contents.count;
  for (let block = contents.first; block < end; block += COMPRESSED_MAX) {
    const part = sliceOf(contents, block, Math.min(COMPRESSED_MAX, end - block));
    const errno = yield* withMetadata(info, inode, cowCompressed(info, inode, part, method));
    if (errno !== undefined) return errno;
  }
  return undefined;
}

/** Runs a write of new extents under a reservation for its worst case. */
function* withMetadata(
  info: FsInfo,
  inode: Inode,
  write: Actor<Errno | undefined>,
): Actor<Errno | undefined> {
  const metadata = INSERT_BYTES + UPDATE_BYTES + (inode.flags.nodatasum ? 0 : INSERT_BYTES);
  const refused = yield* info.metadata.reserve(metadata);
  if (refused !== undefined) return refused;
  const errno = yield* write;
  info.metadata.release(metadata);
  return errno;
}

/** submit_compressed_extents: one extent for the piece; what does not shrink, or finds no room in one piece, goes as it is. */
function* cowCompressed(
  info: FsInfo,
  inode: Inode,
  contents: WriteContents,
  method: CompressionMethod,
): Actor<Errno | undefined> {
  const { first, count } = contents;
  const { processors, generations } = info.context;
  yield* processors.run("btrfs_compress_pages", count * compressCost(info, method));
  const size = compressedBlocks(info, count);
  if (size >= count) {
    if (!info.mountFlags.compressForce) inode.update({ flags: { ...inode.flags, noCompress: true } });
    return yield* cowReserved(info, inode, contents);
  }
  const piece = info.allocator.reserve("data", size, allocationHint(inode, first), size);
  if (!piece) return yield* cowReserved(info, inode, contents);
  const run = { generation: generations.take(size), owner: inode.owner, index: first };
  const bios = submitWrite(info, piece.start, { first, count: size, run });
  const failed = yield* waitForAll(info, piece.group, bios);
  yield* processors.run("btrfs_finish_ordered_io", info.costs.btrfsOrderedExtent);
  const errno = failed ?? (info.readOnly ? "EROFS" : undefined);
  if (errno !== undefined) {
    info.allocator.unreserve(piece);
    return errno;
  }
  const extent = info.extents.insert(piece, info.transactions.generation, {
    checksums: { first: run.generation },
    compressed: payloadOfWrite(contents),
  });
  replaceExtents(info, inode, { extent, first, prealloc: false });
  endWrite(info, inode, contents);
  return undefined;
}

function* cowReserved(info: FsInfo, inode: Inode, contents: WriteContents): Actor<Errno | undefined> {
  const { first, count } = contents;
  const pieces = yield* reserveSpace(info, inode, first, count);
  if (!pieces) return "ENOSPC";
  let errno: Errno | undefined;
  let block = first;
  const submitted = pieces.map(({ group, start, count: length }) => {
    const bios = submitWrite(info, start, sliceOf(contents, block, length));
    block += length;
    return { group, bios };
  });
  for (const { group, bios } of submitted) errno = (yield* waitForAll(info, group, bios)) ?? errno;
  if (errno === undefined) {
    yield* info.context.processors.run(
      "btrfs_finish_ordered_io",
      pieces.length * info.costs.btrfsOrderedExtent,
    );
    if (info.readOnly) errno = "EROFS";
  }
  if (errno !== undefined) {
    for (const piece of pieces) info.allocator.unreserve(piece);
    return errno;
  }
  finishOrdered(info, inode, contents, pieces);
  return undefined;
}

/** btrfs_finish_ordered_io: one atomic step. */
function finishOrdered(
  info: FsInfo,
  inode: Inode,
  contents: WriteContents,
  pieces: readonly Reservation[],
): void {
  let block = contents.first;
  for (const piece of pieces) {
    const part = sliceOf(contents, block, piece.count);
    const checksums = inode.flags.nodatasum ? undefined : checksumsOf(part);
    const extent = info.extents.insert(piece, info.transactions.generation, { checksums });
    const placed: PlacedExtent = { extent, first: block, prealloc: false };
    replaceExtents(info, inode, placed);
    block += piece.count;
  }
  endWrite(info, inode, contents);
}

function endWrite(info: FsInfo, inode: Inode, contents: WriteContents): void {
  inode.touch(info.transactions.generation);
  if (contents.count < SMALL_WRITE && !inode.nocow) addInodeDefrag(info, inode);
  observeWrite(info, inode, contents);
}

/** btrfs_add_inode_defrag: with autodefrag the cleaner will look at what was written since this transaction. */
function addInodeDefrag(info: FsInfo, inode: Inode): void {
  if (!info.options.autodefrag || info.defragInodes.has(inode)) return;
  info.defragInodes.set(inode, info.transactions.generation);
}

/** Data space next to what is there now; a commit is forced once before giving up, because it frees pinned space. */
export function* reserveSpace(
  info: FsInfo,
  inode: Inode,
  first: Pages,
  count: Pages,
  longest: Pages = EXTENT_MAX,
): Actor<Reservation[] | undefined> {
  const hint = allocationHint(inode, first);
  const pieces = info.reserveData(count, hint, longest);
  if (pieces) return pieces;
  if (info.transactions.pinnedBlocks === 0) return undefined;
  yield* info.transactions.commit();
  const afterCommit = info.reserveData(count, hint, longest);
  if (afterCommit) hitForcedCommit();
  return afterCommit;
}

/** btrfs_get_extent_allocation_hint: where the block, or the file's first one, lies now. */
function allocationHint(inode: Inode, first: Pages): BlockNumber | undefined {
  for (const from of [first, 0]) {
    for (const item of inode.itemsFrom(from)) return logicalOf(item, Math.max(from, item.fileBlock));
  }
  return undefined;
}

function observeWrite(
  { context: { observer } }: FsInfo,
  inode: Inode,
  { first, count, run, payload }: WriteContents,
): void {
  if (run) {
    observer.wrote(inode.owner, first, count, run.generation);
    return;
  }
  for (let offset = 0; offset < count; offset++) {
    observer.wrote(inode.owner, first + offset, 1, payload!.generation[offset]!);
  }
}

function checksumsOf({ run, payload }: WriteContents): Checksums {
  return run ? { first: run.generation } : payload!.generation;
}
