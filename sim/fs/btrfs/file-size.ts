import { type Actor, MIB, PAGE_SIZE, type Pages, step } from "../../engine/index.ts";
import type { FallocateMode, OperationResult } from "../administration.ts";
import { INSERT_BYTES } from "./block-rsv.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { dropExtents, insertExtent } from "./file-item.ts";
import { leaveTree, reserveSpace } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { done, failed, GONE, refusalOf } from "./operation-result.ts";
import { FILE_BLOCKS_MAX } from "./tree-item.ts";

/** Longest preallocated extent (__btrfs_prealloc_file_range). */
const PREALLOC_MAX: Pages = (256 * MIB) / PAGE_SIZE;

/** btrfs_setsize: growing leaves a hole, shrinking frees what lies behind the new end. */
export function* truncate(
  info: FsInfo,
  inode: Inode,
  size: Pages,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_setsize", inode);
  const more = { shrinks: size <= inode.size, tooLong: size > FILE_BLOCKS_MAX };
  const refused = yield* refusalOf(info, "truncate", { inode, operation, more });
  if (refused) return refused;
  const errno = yield* info.metadata.reserveFromGlobal();
  if (errno !== undefined) return failed(errno);
  const end = inode.lockEnd;
  yield* lockExtents(info, inode, { first: 0, end }, "lock_extent (truncate)");
  const old = inode.size;
  if (inode.isGone) {
    inode.lock.unlock(0, end);
    return GONE;
  }
  const full = size > old ? yield* leaveTree(info, inode) : undefined;
  if (full !== undefined) {
    inode.lock.unlock(0, end);
    return failed(full);
  }
  if (size < old) {
    dropDirty(inode, size, old);
    dropExtents(info, inode, size, FILE_BLOCKS_MAX - size);
    info.context.observer.removed(inode.owner, size, old - size);
  }
  inode.update({ size });
  inode.lock.unlock(0, end);
  return done(`${old} blocks became ${size}`);
}

/** truncate_pagecache_range: what was stored there through mappings is gone. */
function dropDirty({ delalloc }: Inode, first: Pages, end: Pages): void {
  for (const block of delalloc) if (block >= first && block < end) delalloc.delete(block);
}

/** btrfs_fallocate; offset and length in blocks. */
export function* fallocate(
  info: FsInfo,
  inode: Inode,
  { mode, first, count }: { readonly mode: FallocateMode; readonly first: Pages; readonly count: Pages },
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_fallocate", inode);
  // btrfs has neither of the two modes that shift a file; the swap file test comes first.
  const more = { tooLong: first + count > FILE_BLOCKS_MAX };
  const refused = yield* refusalOf(info, "fallocate", { inode, operation, more });
  if (refused) return refused;
  if (mode === "collapse" || mode === "insert") return failed("EOPNOTSUPP", `btrfs has no ${mode} range`);
  const errno = yield* info.metadata.reserve(INSERT_BYTES);
  if (errno !== undefined) return failed(errno);
  const end = inode.lockEnd;
  yield* lockExtents(info, inode, { first: 0, end }, "lock_extent (fallocate)");
  const result = inode.isGone
    ? GONE
    : mode === "punch-hole"
      ? punchHole(info, inode, first, count)
      : yield* preallocate(info, inode, { mode, first, count });
  inode.lock.unlock(0, end);
  info.metadata.release(INSERT_BYTES);
  return result;
}

function punchHole(info: FsInfo, inode: Inode, first: Pages, count: Pages): OperationResult {
  const end = Math.min(first + count, inode.size);
  if (end <= first) return done("the hole lies behind the end");
  dropDirty(inode, first, end);
  dropExtents(info, inode, first, end - first);
  inode.touch(info.transactions.generation);
  info.context.observer.removed(inode.owner, first, end - first);
  return done(`punched ${end - first} blocks`);
}

/** Holes become preallocated extents; with zero-range what was there goes first. */
function* preallocate(
  info: FsInfo,
  inode: Inode,
  { mode, first, count }: { readonly mode: FallocateMode; readonly first: Pages; readonly count: Pages },
): Actor<OperationResult> {
  if (mode === "zero-range") punchHole(info, inode, first, count);
  let added = 0;
  const errno = yield* leaveTree(info, inode);
  if (errno !== undefined) return failed(errno);
  info.ensureDataBlocks(count);
  for (const hole of holesIn(inode, first, first + count)) {
    const pieces = yield* reserveSpace(info, inode, hole.first, hole.count, PREALLOC_MAX);
    if (!pieces) return failed("ENOSPC", `allocated ${added} of ${count} blocks`);
    let block = hole.first;
    for (const piece of pieces) {
      const extent = info.extents.insert(piece, info.transactions.generation);
      insertExtent(info, inode, { extent, first: block, prealloc: true });
      block += piece.count;
    }
    added += hole.count;
  }
  if (mode !== "keep-size" && first + count > inode.size) inode.update({ size: first + count });
  return done(`allocated ${added} blocks`);
}

function holesIn(inode: Inode, first: Pages, end: Pages): { first: Pages; count: Pages }[] {
  const holes: { first: Pages; count: Pages }[] = [];
  let at = first;
  for (const item of inode.itemsFrom(first, end)) {
    if (item.fileBlock > at) holes.push({ first: at, count: item.fileBlock - at });
    at = Math.max(at, item.end);
  }
  if (at < end) holes.push({ first: at, count: end - at });
  return holes;
}
