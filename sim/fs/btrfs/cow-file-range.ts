import { type Actor, type BlockNumber, type Pages, probe } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import { INSERT_BYTES, UPDATE_BYTES } from "./block-rsv.ts";
import {
  COMPRESSED_MAX,
  type CompressionMethod,
  compressCost,
  compressedBlocks,
  compressionFor,
} from "./compression.ts";
import type { Checksums } from "./extent-tree.ts";
import { logicalOf } from "./file-extent.ts";
import { type PlacedExtent, replaceExtents } from "./file-item.ts";
import type { Reservation } from "./find-free-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { payloadOfWrite, sliceOf, submitWrite, type WriteContents, waitForAll } from "./map-bio.ts";

const hitForcedCommit = probe("a write finds space only after a forced commit");

/** Writes below 64 KiB count as small for autodefrag (inode_should_defrag). */
const SMALL_WRITE: Pages = 16;
/** Longest extent that one writeback makes (BTRFS_MAX_EXTENT_SIZE, 128 MiB). */
const EXTENT_MAX: Pages = 32_768;

export interface WriteOptions {
  /** Nothing is written in place (defrag). */
  readonly forceCow?: boolean;
  /** Compressed by this method, if the file can be (defrag). */
  readonly compress?: CompressionMethod | undefined;
  /** Direct I/O: its data is never compressed. */
  readonly direct?: true;
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
    // Who asked for it with a property or +c, which sets one, gets another try with the next write.
    const asked = info.mountFlags.compressForce || inode.flags.compress;
    if (!asked) inode.update({ flags: { ...inode.flags, noCompress: true } });
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

/** The observer learns what a write has put into blocks of a file. */
export function observeWrite(
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
