import { MIB, PAGE_SIZE, type Pages, pagesOf } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle, FileSpec } from "../file-handle.ts";
import { insertExtent } from "./file-item.ts";
import type { Reservation } from "./find-free-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import { InlineExtent } from "./inline-extent.ts";
import type { Inode } from "./inode.ts";
import { createInode } from "./namei.ts";
import { FILE_BLOCKS_MAX, NO_FLAGS } from "./tree-item.ts";

/** Longest extent of a written file and of a preallocated one (BTRFS_MAX_EXTENT_SIZE, __btrfs_prealloc_file_range). */
const WRITTEN_MAX: Pages = (128 * MIB) / PAGE_SIZE;
const PREALLOC_MAX: Pages = (256 * MIB) / PAGE_SIZE;

/** Transaction of everything that is there when the machine starts. */
const MKFS_GENERATION = 1;

/** Makes a file before the machine starts, with its contents on disk; takes no simulated time. */
export function createFile(info: FsInfo, spec: FileSpec): Errno | FileHandle {
  if (info.lookup(spec.path)) return "EEXIST";
  if (spec.size > 0 && spec.size <= info.options.maxInline && !spec.preallocated)
    return createInline(info, spec);
  const size = pagesOf(spec.size);
  if (size > FILE_BLOCKS_MAX) return "EFBIG";
  const pieces = reservePieces(info, size, spec);
  if (!pieces) return "ENOSPC";
  const flags = { ...NO_FLAGS, nocow: spec.nocow, nodatasum: spec.nocow };
  const inode = createInode(info, spec.path, { size, flags });
  const generation = spec.preallocated ? 0 : info.context.generations.take(Math.max(1, size));
  let block = 0;
  for (const piece of pieces) {
    const checksums = spec.nocow || spec.preallocated ? undefined : { first: generation + block };
    const extent = info.extents.insert(piece, MKFS_GENERATION, { checksums });
    insertExtent(info, inode, { extent, first: block, prealloc: spec.preallocated });
    if (!spec.preallocated) fill(info, inode, piece, block, generation + block);
    block += piece.count;
  }
  if (!spec.preallocated && size > 0) info.context.observer.wrote(inode.owner, 0, size, generation);
  return inode;
}

/** cow_file_range_inline: the data of a small file goes into the leaf. */
function createInline(info: FsInfo, { path, size, nocow }: FileSpec): FileHandle {
  const flags = { ...NO_FLAGS, nocow, nodatasum: nocow };
  const inode = createInode(info, path, { size: 1, flags });
  const generation = info.context.generations.take(1);
  inode.insertInline(new InlineExtent(inode.ino, size, generation));
  info.context.observer.wrote(inode.owner, 0, 1, generation);
  return inode;
}

/** Space in as many pieces as asked for, with a block between them, so that no two pieces touch. */
function reservePieces(info: FsInfo, size: Pages, spec: FileSpec): Reservation[] | undefined {
  const { allocator } = info;
  info.ensureDataBlocks(size);
  const longest = spec.preallocated ? PREALLOC_MAX : WRITTEN_MAX;
  let pieceLength = Math.max(1, Math.min(longest, Math.ceil(size / Math.max(1, spec.extents))));
  const gap = spec.extents > 1 ? 1 : 0;
  const pieces: Reservation[] = [];
  for (let left = size; left > 0; ) {
    const last = pieces.at(-1);
    const hint = last && last.start + last.count + gap;
    const piece = allocator.reserve("data", Math.min(left, pieceLength), hint);
    if (!piece) {
      for (const reserved of pieces) allocator.unreserve(reserved);
      return undefined;
    }
    pieces.push(piece);
    left -= piece.count;
    // A preallocated piece is never longer than the one before it (__btrfs_prealloc_file_range).
    if (spec.preallocated) pieceLength = Math.min(pieceLength, piece.count);
  }
  return pieces;
}

function fill(
  { volumes }: FsInfo,
  inode: Inode,
  { group, start, count }: Reservation,
  first: Pages,
  generation: number,
): void {
  for (const piece of volumes.piecesOf(group, start, count)) {
    const offset = piece.logical - start;
    for (const { device, block } of piece.places) {
      for (let at = 0; at < piece.count; at++) {
        device.contents.write(block + at, generation + offset + at, inode.owner, first + offset + at);
      }
    }
  }
}
