import { type Actor, PAGE_SIZE, type Pages, step } from "../../engine/index.ts";
import type { ByteRange, OperationResult } from "../administration.ts";
import { touchedBlocks } from "./block-range.ts";
import { cowFileRange } from "./cow-file-range.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { dropExtents } from "./file-item.ts";
import { readItem } from "./file-read.ts";
import { leaveTree } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { done, failed, GONE, refusalOf } from "./operation-result.ts";
import { cloneRange } from "./reflink.ts";

export interface CopyRange {
  readonly source: Inode;
  readonly target: Inode;
  readonly first: Pages;
  readonly count: Pages;
}

/** What keeps writers out does not matter to the file that is read. */
const READ_ONLY_OPEN = { immutable: false, appendOnly: false, readOnlySubvolume: false };

/** Blocks copied under one hold of the locks. */
const STEP_BLOCKS: Pages = 256;

/** copy_file_range(2): btrfs shares the blocks where both files agree about checksums, and copies otherwise. */
export function* copyFileRange(
  info: FsInfo,
  { source, target, first, count }: CopyRange,
  operation: string,
): Actor<OperationResult> {
  yield step("vfs_copy_file_range", source);
  if (source === target) return failed("EINVAL", "the ranges overlap");
  const refused =
    (yield* refusalOf(info, "copy range", { inode: target, operation })) ??
    (yield* refusalOf(info, "copy range", {
      inode: source,
      operation,
      more: READ_ONLY_OPEN,
    }));
  if (refused) return refused;
  const end = Math.min(first + count, source.size);
  if (end <= first) return done("nothing to copy");
  const ordered = source.owner < target.owner ? [source, target] : [target, source];
  const from = target.inline ? 0 : first;
  for (const inode of ordered) yield* lockExtents(info, inode, { first: from, end }, "lock_extent (copy)");
  if (first > 0 && !target.isGone) yield* leaveTree(info, target);
  const result =
    source.isGone || target.isGone
      ? GONE
      : source.flags.nodatasum === target.flags.nodatasum
        ? share(info, { source, target, first, count: end - first }, operation)
        : yield* copy(info, { source, target, first, count: end - first });
  if (result.errno === undefined && end > target.size) target.update({ size: end });
  for (const inode of ordered) inode.lock.unlock(from, end);
  return result;
}

/** FICLONERANGE and FICLONE onto a file that exists, at the same offset in both. */
export function* cloneFileRange(
  info: FsInfo,
  { source, target, range }: { readonly source: Inode; readonly target: Inode; readonly range: ByteRange },
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_remap_file_range", source);
  const sameChecksums = source.flags.nodatasum === target.flags.nodatasum;
  const refused =
    (yield* refusalOf(info, "reflink", { inode: target, operation, more: { sameChecksums } })) ??
    (yield* refusalOf(info, "reflink", {
      inode: source,
      operation,
      more: { ...READ_ONLY_OPEN, sameChecksums },
    }));
  if (refused) return refused;
  const { first, count } = touchedBlocks(range);
  const end = first + count;
  if (source === target || !canBeRemapped(source, range)) {
    return failed("EINVAL", "nothing can be cloned there");
  }
  if (count === 0) return done("nothing to clone");
  const ordered = source.owner < target.owner ? [source, target] : [target, source];
  for (const inode of ordered) yield* lockExtents(info, inode, { first, end }, "lock_extent (clone)");
  const isGone = source.isGone || target.isGone;
  const result = isGone ? GONE : share(info, { source, target, first, count: end - first }, operation);
  if (result.errno === undefined && end > target.size) target.update({ size: end });
  for (const inode of ordered) inode.lock.unlock(first, end);
  return result;
}

/** generic_remap_checks: whole blocks, all of them before the end of the file. */
function canBeRemapped({ size }: Inode, { from, to }: ByteRange): boolean {
  return from % PAGE_SIZE === 0 && to % PAGE_SIZE === 0 && to <= size * PAGE_SIZE;
}

function share(
  info: FsInfo,
  { source, target, first, count }: CopyRange,
  operation: string,
): OperationResult {
  if (info.readOnly) return failed("EROFS");
  cloneRange(info, source, target, { first, count });
  info.context.observer.cloned(source.owner, target.owner, first, count);
  info.context.observer.relocated(
    source.owner,
    first,
    count,
    "shared",
    operation,
    `shared with ${target.path}`,
  );
  return done(`shared ${count} blocks`);
}

function* copy(info: FsInfo, { source, target, first, count }: CopyRange): Actor<OperationResult> {
  // A hole of the source becomes a hole of the target.
  dropExtents(info, target, first, count);
  info.context.observer.removed(target.owner, first, count);
  const { inline } = source;
  if (inline && first === 0) {
    const run = { generation: inline.generation, owner: source.owner, index: 0 };
    const errno = yield* cowFileRange(info, target, { first: 0, count: 1, run });
    if (errno !== undefined) return failed(errno);
  }
  for (let block = first; block < first + count; ) {
    const item = source.itemAt(block);
    if (!item || item.prealloc) {
      block++;
      continue;
    }
    const length = Math.min(STEP_BLOCKS, item.end - block, first + count - block);
    const read = yield* readItem(info, item, block, length);
    if (!read || read.errno !== undefined) return failed("EIO");
    const contents = { first: block, count: length, payload: read.payload };
    const errno = yield* cowFileRange(info, target, contents);
    if (errno !== undefined) return failed(errno);
    block += length;
  }
  return done(`copied ${count} blocks`);
}
