import { createPayload } from "../../block/index.ts";
import { type Actor, PAGE_SIZE, type Pages, step } from "../../engine/index.ts";
import type { ByteRange, OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { type BlockRange, partialBlocks, touchedBlocks, wholeBlocks } from "./block-range.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { readItem } from "./file-read.ts";
import { endOfWritten, leaveTree, nextItemStart, rewriteBlock, writeLocked } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { InlineExtent } from "./inline-extent.ts";
import type { Inode } from "./inode.ts";
import type { WriteContents } from "./map-bio.ts";
import { done, failed, GONE, refusalOf } from "./operation-result.ts";
import { cloneRange } from "./reflink.ts";

/** A range of two files, at the same offset in both. */
interface TwoFiles {
  readonly source: Inode;
  readonly target: Inode;
  readonly range: ByteRange;
}

interface CopyRange extends BlockRange {
  readonly source: Inode;
  readonly target: Inode;
}

/** What keeps writers out does not matter to the file that is read. */
const READ_ONLY_OPEN = { immutable: false, appendOnly: false, readOnlySubvolume: false };

/** Blocks copied under one hold of the locks. */
const STEP_BLOCKS: Pages = 256;

/** copy_file_range(2): btrfs shares the blocks where both files agree about checksums, and copies otherwise. */
export function* copyFileRange(
  info: FsInfo,
  { source, target, range }: TwoFiles,
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
  const copied = { from: range.from, to: Math.min(range.to, source.size * PAGE_SIZE) };
  if (copied.to <= copied.from) return done("nothing to copy");
  const run = copyLocked(info, { source, target, range: copied }, operation);
  return yield* underExtentLocks(info, { source, target, ...touchedBlocks(copied) }, "copy", run);
}

/** Whole blocks are shared if both files agree about checksums, and copied otherwise; of the others a part is written. */
function* copyLocked(
  info: FsInfo,
  { source, target, range }: TwoFiles,
  operation: string,
): Actor<OperationResult> {
  const files = { source, target, ...wholeBlocks(range) };
  const shares = source.flags.nodatasum === target.flags.nodatasum && range.from % PAGE_SIZE === 0;
  if (files.count > 0 && shares) {
    const shared = yield* share(info, files, operation);
    if (shared.errno !== undefined) return shared;
  }
  let errno = shares ? undefined : yield* splice(info, files);
  for (const block of partialBlocks(range)) errno ??= yield* rewriteBlock(info, target, block);
  if (errno !== undefined) return failed(errno);
  return done(`${shares ? "shared" : "copied"} ${files.count} blocks`);
}

/** Runs a change of the target with the extents of both files locked, and raises the size to what it wrote. */
function* underExtentLocks(
  info: FsInfo,
  { source, target, first, count }: CopyRange,
  label: string,
  run: Actor<OperationResult>,
): Actor<OperationResult> {
  const end = first + count;
  const ordered = source.owner < target.owner ? [source, target] : [target, source];
  const from = target.inline ? 0 : first;
  for (const inode of ordered)
    yield* lockExtents(info, inode, { first: from, end }, `lock_extent (${label})`);
  const isGone = source.isGone || target.isGone;
  const errno = first > 0 && !isGone ? yield* leaveTree(info, target) : undefined;
  const result = isGone ? GONE : errno === undefined ? yield* run : failed(errno);
  const written = result.errno === undefined ? end : endOfWritten(target, end);
  if (!isGone && !info.readOnly && written > target.size) target.update({ size: written });
  for (const inode of ordered) inode.lock.unlock(from, end);
  return result;
}

/** FICLONERANGE and FICLONE onto a file that exists, at the same offset in both. */
export function* cloneFileRange(
  info: FsInfo,
  { source, target, range }: TwoFiles,
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
  if (source === target || !canBeRemapped(source, range)) {
    return failed("EINVAL", "nothing can be cloned there");
  }
  const files = { source, target, ...touchedBlocks(range) };
  if (files.count === 0) return done("nothing to clone");
  return yield* underExtentLocks(info, files, "clone", share(info, files, operation));
}

/** generic_remap_checks: whole blocks, all of them before the end of the file. */
function canBeRemapped({ size }: Inode, { from, to }: ByteRange): boolean {
  return from % PAGE_SIZE === 0 && to % PAGE_SIZE === 0 && to <= size * PAGE_SIZE;
}

/** btrfs_clone_files: the target names the blocks of the source; data that lies in the tree is copied where it must be. */
function* share(info: FsInfo, files: CopyRange, operation: string): Actor<OperationResult> {
  if (info.readOnly) return failed("EROFS");
  const { source, target, first, count } = files;
  if (first === 0 && source.inline && !takesInline(target, source.inline)) {
    // A file whose data lies in the tree has no other block (copy_inline_to_page).
    const errno = yield* splice(info, files);
    return errno === undefined ? done("copied the data that lies in the tree") : failed(errno);
  }
  cloneRange(info, source, target, files);
  info.context.observer.cloned(source.owner, target.owner, first, count);
  const into = `shared with ${target.path}`;
  info.context.observer.relocated(source.owner, first, count, "shared", operation, into);
  return done(`shared ${count} blocks`);
}

/** clone_copy_inline_extent: the item itself goes only where nothing was, or no more of the same kind. */
function takesInline({ size, inline, extentCount }: Inode, item: InlineExtent): boolean {
  return size === 0 ? extentCount === 0 : inline !== undefined && inline.length <= item.length;
}

/** do_splice_direct: read and written step by step, so what the target has goes only when its successor is on disk. */
function* splice(info: FsInfo, { source, target, first, count }: CopyRange): Actor<Errno | undefined> {
  const end = first + count;
  for (let block = first; block < end; ) {
    const contents = yield* readStep(info, source, block, end);
    if (!contents) return "EIO";
    const errno = yield* writeLocked(info, target, contents);
    if (errno !== undefined) return errno;
    block += contents.count;
  }
  return undefined;
}

/** The next blocks as a reader gets them; holes and what is only preallocated are zeroes. Undefined: they cannot be read. */
function* readStep(info: FsInfo, source: Inode, first: Pages, end: Pages): Actor<WriteContents | undefined> {
  const { inline, owner } = source;
  if (inline && first === 0) {
    return { first, count: 1, run: { generation: inline.generation, owner, index: 0 } };
  }
  const item = source.itemAt(first);
  const count = Math.min(STEP_BLOCKS, (item?.end ?? nextItemStart(source, first, end)) - first, end - first);
  if (!item || item.prealloc) return { first, count, payload: createPayload(count) };
  const read = yield* readItem(info, item, first, count);
  return read && read.errno === undefined ? { first, count, payload: read.payload } : undefined;
}
