import { type Actor, MIB, PAGE_SIZE, type Pages, step } from "../../engine/index.ts";
import type { ByteRange, FallocateMode, OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { type BlockRange, partialBlocks, touchedBlocks, wholeBlocks } from "./block-range.ts";
import { INSERT_BYTES } from "./block-rsv.ts";
import { reserveSpace } from "./cow-file-range.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { dropBlocks, insertExtent } from "./file-item.ts";
import { leaveTree, rewriteBlock } from "./file-write.ts";
import type { Reservation } from "./find-free-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { done, failed, GONE, refusalOf } from "./operation-result.ts";
import { FILE_BLOCKS_MAX } from "./tree-item.ts";

/** Longest preallocated extent (__btrfs_prealloc_file_range). */
const PREALLOC_MAX: Pages = (256 * MIB) / PAGE_SIZE;

/** btrfs_fallocate. */
export function* fallocate(
  info: FsInfo,
  inode: Inode,
  { mode, range }: { readonly mode: FallocateMode; readonly range: ByteRange },
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_fallocate", inode);
  // btrfs has neither of the two modes that shift a file; the swap file test comes first.
  const more = { tooLong: range.to > FILE_BLOCKS_MAX * PAGE_SIZE };
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
      ? yield* punchHole(info, inode, range)
      : yield* allocate(info, inode, mode, range);
  inode.lock.unlock(0, end);
  info.metadata.release(INSERT_BYTES);
  return result;
}

/** btrfs_punch_hole: only whole blocks become a hole, of others the part is zeroed. */
function* punchHole(info: FsInfo, inode: Inode, { from, to }: ByteRange): Actor<OperationResult> {
  const range = { from, to: Math.min(to, inode.size * PAGE_SIZE) };
  if (range.to <= from) return done("the hole lies behind the end");
  for (const block of partialBlocks(range)) {
    const errno = yield* zeroPart(info, inode, block);
    if (errno !== undefined) return failed(errno);
  }
  const { first, count } = wholeBlocks(range);
  if (count > 0) dropBlocks(info, inode, first, count);
  return done(`punched ${count} blocks`);
}

/** btrfs_truncate_block: some bytes of a block become zeroes, so the block is written anew; a hole is zeroes already. */
function* zeroPart(info: FsInfo, inode: Inode, block: Pages): Actor<Errno | undefined> {
  const isHole = !inode.itemAt(block) && !(block === 0 && inode.inline);
  return isHole ? undefined : yield* rewriteBlock(info, inode, block);
}

/** The modes after which a range has space of its own (btrfs_fallocate_update_isize raises the size at the end). */
function* allocate(
  info: FsInfo,
  inode: Inode,
  mode: FallocateMode,
  range: ByteRange,
): Actor<OperationResult> {
  const { first, count } = touchedBlocks(range);
  const errno = yield* leaveTree(info, inode);
  if (errno !== undefined) return failed(errno);
  const result =
    mode === "zero-range"
      ? yield* zeroRange(info, inode, range)
      : yield* preallocate(info, inode, { first, count });
  const grows = mode !== "keep-size" && first + count > inode.size;
  if (result.errno === undefined && grows) inode.update({ size: first + count });
  return result;
}

/** Holes become preallocated extents: all of them, or none if there is no room for all. */
function* preallocate(info: FsInfo, inode: Inode, { first, count }: BlockRange): Actor<OperationResult> {
  const holes = holesIn(inode, first, first + count);
  const reserved = yield* reserveRanges(info, inode, holes);
  if (!reserved) return failed("ENOSPC", `allocated 0 of ${count} blocks`);
  for (const [index, pieces] of reserved.entries()) {
    insertPrealloc(info, inode, holes[index]!.first, pieces);
  }
  return done(`allocated ${blocksIn(holes)} blocks`);
}

/** Space for each of the ranges before the first of them gets its own (data_space_needed); undefined if it is not enough. */
function* reserveRanges(
  info: FsInfo,
  inode: Inode,
  ranges: readonly BlockRange[],
): Actor<readonly Reservation[][] | undefined> {
  info.ensureDataBlocks(blocksIn(ranges));
  const reserved: Reservation[][] = [];
  for (const { first, count } of ranges) {
    const pieces = yield* reserveSpace(info, inode, first, count, PREALLOC_MAX);
    if (!pieces) {
      for (const piece of reserved.flat()) info.allocator.unreserve(piece);
      return undefined;
    }
    reserved.push(pieces);
  }
  return reserved;
}

function blocksIn(ranges: readonly BlockRange[]): Pages {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

function insertPrealloc(info: FsInfo, inode: Inode, first: Pages, pieces: readonly Reservation[]): void {
  let block = first;
  for (const piece of pieces) {
    const extent = info.extents.insert(piece, info.transactions.generation);
    insertExtent(info, inode, { extent, first: block, prealloc: true });
    block += piece.count;
  }
}

/** btrfs_zero_range: whole blocks and holes become preallocated, of other blocks the part is zeroed. */
function* zeroRange(info: FsInfo, inode: Inode, asked: ByteRange): Actor<OperationResult> {
  const range = behindPrealloc(inode, asked);
  if (range.to <= range.from) return done("the range is preallocated");
  let { first, count } = wholeBlocks(range);
  for (const block of partialBlocks(range)) {
    const item = inode.itemAt(block);
    if (item?.prealloc) continue;
    if (!item) {
      // A partial block in a hole is preallocated with the others.
      first = count > 0 ? Math.min(first, block) : block;
      count++;
      continue;
    }
    const errno = yield* zeroPart(info, inode, block);
    if (errno !== undefined) return failed(errno);
  }
  return count > 0 ? yield* replaceByPrealloc(info, inode, { first, count }) : done("zeroed parts of blocks");
}

/** The range without what the preallocated extent at its beginning holds of it: that reads as zeroes already. */
function behindPrealloc(inode: Inode, { from, to }: ByteRange): ByteRange {
  const item = inode.itemAt(Math.floor(from / PAGE_SIZE));
  return { from: item?.prealloc ? item.end * PAGE_SIZE : from, to };
}

/** What is there goes only once there is space for what comes. */
function* replaceByPrealloc(
  info: FsInfo,
  inode: Inode,
  { first, count }: BlockRange,
): Actor<OperationResult> {
  const [pieces] = (yield* reserveRanges(info, inode, [{ first, count }])) ?? [];
  if (!pieces) return failed("ENOSPC", "nothing was zeroed");
  dropBlocks(info, inode, first, count);
  insertPrealloc(info, inode, first, pieces);
  return done(`allocated ${count} blocks`);
}

function holesIn(inode: Inode, first: Pages, end: Pages): BlockRange[] {
  const holes: BlockRange[] = [];
  let at = first;
  for (const item of inode.itemsFrom(first, end)) {
    if (item.fileBlock > at) holes.push({ first: at, count: item.fileBlock - at });
    at = Math.max(at, item.end);
  }
  if (at < end) holes.push({ first: at, count: end - at });
  return holes;
}
