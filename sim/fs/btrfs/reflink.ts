import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { INSERT_BYTES } from "./block-rsv.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { FileExtent } from "./file-extent.ts";
import { dropExtents } from "./file-item.ts";
import { contentNow, readFile } from "./file-read.ts";
import type { FsInfo } from "./fs-info.ts";
import { InlineExtent } from "./inline-extent.ts";
import type { Inode } from "./inode.ts";
import { createInode } from "./namei.ts";
import { done, failed, GONE, refusalOf } from "./operation-result.ts";
import { noteShared } from "./snapshot.ts";

/** FICLONE onto a new file with the same flags: the copy shares all extents. */
export function* reflink(
  info: FsInfo,
  source: Inode,
  target: string,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_remap_file_range", source);
  if (info.lookup(target)) return failed("EEXIST", `${target} exists`);
  const subvolume = info.subvolumeOf(target);
  for (const touched of [{ inode: source }, { subvolume }]) {
    const more = { readOnlySubvolume: subvolume.readOnly, immutable: false, appendOnly: false };
    const refused = yield* refusalOf(info, "reflink", { ...touched, operation, more });
    if (refused) return refused;
  }
  const errno = yield* info.metadata.reserve(8 * INSERT_BYTES);
  if (errno !== undefined) return failed(errno);
  const end = source.lockEnd;
  yield* lockExtents(info, source, { first: 0, end }, "lock_extent (clone)");
  yield* info.series.allocate("path");
  if (source.isGone || subvolume.dead || info.lookup(target)) {
    source.lock.unlock(0, end);
    info.metadata.release(8 * INSERT_BYTES);
    return source.isGone || subvolume.dead ? GONE : failed("EEXIST", `${target} exists`);
  }
  // What changes it behind its back is counted with the snapshots: it is the same harm to the same promise.
  const made = createInode(info, target, { size: source.size, flags: source.flags, kind: "snapshot-file" });
  cloneRange(info, source, made, { first: 0, count: source.lockEnd });
  noteShared(info, source, made, operation);
  source.lock.unlock(0, end);
  info.metadata.release(8 * INSERT_BYTES);
  return done(`${target} shares the extents of ${source.path}`);
}

/** FIDEDUPERANGE over whole files: blocks of `target` that hold the same as those of `source` become shared. */
export function* dedupe(
  info: FsInfo,
  source: Inode,
  target: Inode,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_extent_same", source);
  const sameChecksums = source.flags.nodatasum === target.flags.nodatasum;
  for (const inode of [source, target]) {
    const refused = yield* refusalOf(info, "dedupe", { inode, operation, more: { sameChecksums } });
    if (refused) return refused;
  }
  if (source === target) return failed("EINVAL", "a file is not deduplicated against itself");
  const { subvolume } = target;
  const refused = yield* refusalOf(info, "dedupe into", { inode: target, operation });
  if (refused) return refused;
  subvolume.dedupes++;
  const shared = yield* extentSame(info, source, target, operation);
  subvolume.dedupes--;
  return shared;
}

/** btrfs_extent_same_range: both files are read and compared with their ranges locked. */
function* extentSame(info: FsInfo, source: Inode, target: Inode, operation: string): Actor<OperationResult> {
  const count = Math.min(source.size, target.size);
  if (count === 0) return done("nothing to share");
  const ordered = source.owner < target.owner ? [source, target] : [target, source];
  for (const inode of ordered) {
    // What cannot be read cannot be compared (vfs_dedupe_file_range_compare).
    const errno = yield* readFile(info, inode, 0, count);
    if (errno !== undefined) return failed(errno, `${inode.path} cannot be read`);
  }
  for (const inode of ordered)
    yield* lockExtents(info, inode, { first: 0, end: count }, "lock_extent (dedupe)");
  const gone = source.isGone || target.isGone;
  const shared = gone ? 0 : shareEqualBlocks(info, source, target, count);
  for (const inode of ordered) inode.lock.unlock(0, count);
  if (shared > 0) {
    info.context.observer.relocated(
      source.owner,
      0,
      count,
      "shared",
      operation,
      `shared with ${target.path}`,
    );
  }
  return done(`${shared} of ${count} blocks are shared`);
}

/** Shares the runs of blocks that are equal and not the same already; returns how many blocks that were. */
function shareEqualBlocks(info: FsInfo, source: Inode, target: Inode, count: Pages): Pages {
  let shared = 0;
  let first = 0;
  for (let block = 0; block <= count; block++) {
    if (block < count && isSameContent(info, source, target, block)) continue;
    if (block > first) {
      cloneRange(info, source, target, { first, count: block - first });
      info.context.observer.cloned(source.owner, target.owner, first, block - first);
      shared += block - first;
    }
    first = block + 1;
  }
  return shared;
}

function isSameContent(info: FsInfo, source: Inode, target: Inode, block: Pages): boolean {
  const [a, b] = [source.itemAt(block), target.itemAt(block)];
  if (!a || !b || a.prealloc || b.prealloc) return false;
  const isSame = a.extent === b.extent && block - a.fileBlock + a.offset === block - b.fileBlock + b.offset;
  return !isSame && contentNow(info, a, block).generation === contentNow(info, b, block).generation;
}

/** btrfs_clone: blocks [first, first + count) of `target` name the same places as those of `source`. */
export function cloneRange(
  info: FsInfo,
  source: Inode,
  target: Inode,
  { first, count }: { readonly first: Pages; readonly count: Pages },
): void {
  dropExtents(info, target, first, count);
  const { inline } = source;
  if (inline && first === 0)
    target.insertInline(new InlineExtent(target.ino, inline.length, inline.generation));
  for (const item of source.itemsIn(first, first + count)) {
    const from = Math.max(first, item.fileBlock);
    const part = item.slice(from, Math.min(first + count, item.end));
    target.insert(
      new FileExtent(target.ino, part.fileBlock, part.count, part.extent, part.offset, part.prealloc),
    );
    info.trees.touchExtent(part.extent.start, part.extent.count, false);
  }
  target.touch(info.transactions.generation);
}
