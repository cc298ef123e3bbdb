import { HistoryVerb } from "../../block/index.ts";
import { type Actor, type Bytes, bytesOf, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { OperationResult } from "../filesystem.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import { readLogical } from "./file-read.ts";
import { writeLocked } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { failed, refusalOf } from "./operation-result.ts";

/** The largest extent that writeback makes in one go here. The kernel's limit is 128 MiB; smaller keeps memory small. */
const RANGE_MAX: Pages = (8 * MIB) / PAGE_SIZE;

export interface DefragOptions {
  /** Extents at least this long stay where they are. */
  readonly threshold: Bytes;
  /** Only extents written in this transaction or later. */
  readonly newerThan?: number;
}

/**
 * btrfs_defrag_file: rewrites runs of extents shorter than the threshold as longer ones, copy-on-write also for NOCOW
 * files. Preallocated extents and holes are left alone.
 */
export function* defragment(
  info: FsInfo,
  inode: Inode,
  { threshold, newerThan = 0 }: DefragOptions,
  operation: string,
): Actor<OperationResult> {
  const refused = yield* refusalOf(info, "defrag", { inode, operation });
  if (refused) return refused;
  const before = inode.extentCount;
  let moved: Pages = 0;
  let errno: Errno | undefined;
  for (let block = 0; block < inode.size && errno === undefined; ) {
    const range = nextRange(inode, block, threshold / PAGE_SIZE, newerThan);
    if (!range) break;
    errno = yield* rewrite(info, inode, range, operation);
    if (errno === undefined) moved += range.count;
    block = range.first + range.count;
  }
  const megabytes = Math.round(bytesOf(moved) / MIB);
  const achieved = `rewrote ${megabytes} MiB, ${before} extents became ${inode.extentCount}`;
  return errno === undefined ? { errno, achieved, skipped: [] } : failed(errno, achieved);
}

interface Range {
  readonly first: Pages;
  readonly count: Pages;
}

/** The next run of at least two short written extents that follow each other (defrag_collect_targets). */
function nextRange(inode: Inode, from: Pages, threshold: Pages, newerThan: number): Range | undefined {
  let run: FileExtent[] = [];
  let length: Pages = 0;
  for (const item of inode.itemsFrom(from)) {
    const last = run.at(-1);
    const short = !item.prealloc && item.count < threshold && item.extent.generation >= newerThan;
    const follows = last === undefined || last.end === item.fileBlock;
    if (short && follows) {
      run.push(item);
      length += item.count;
      if (length >= RANGE_MAX) break;
      continue;
    }
    if (run.length > 1) break;
    run = short ? [item] : [];
    length = short ? item.count : 0;
  }
  if (run.length < 2) return undefined;
  return { first: run[0]!.fileBlock, count: Math.min(length, RANGE_MAX) };
}

/** Reads a range and writes the same bytes to a new place, under the extent lock. */
function* rewrite(
  info: FsInfo,
  inode: Inode,
  { first, count }: Range,
  operation: string,
): Actor<Errno | undefined> {
  yield* inode.lock.lock("lock_extent (defrag)", first, first + count);
  yield* info.series.allocate("page of the page cache");
  const errno = inode.evicted ? "ENOENT" : yield* rewriteLocked(info, inode, first, count);
  inode.lock.unlock(first, first + count);
  if (errno === undefined) {
    info.context.observer.relocated(inode.owner, first, count, "moved", operation, "defragmented");
  }
  return errno;
}

function* rewriteLocked(info: FsInfo, inode: Inode, first: Pages, count: Pages): Actor<Errno | undefined> {
  const generation = new Uint32Array(count);
  const owner = new Uint32Array(count);
  const index = new Uint32Array(count);
  const items = inode.itemsIn(first, first + count);
  // Somebody truncated or punched the range before we had the lock.
  const covered = items.reduce((sum, { prealloc, count: blocks }) => sum + (prealloc ? 0 : blocks), 0);
  if (covered < count) return undefined;
  for (const item of items) {
    const from = Math.max(first, item.fileBlock);
    const length = Math.min(first + count, item.end) - from;
    const found = yield* readLogical(info, logicalOf(item, from), length);
    if (!found) return "EIO";
    generation.set(found.generation, from - first);
    owner.set(found.owner, from - first);
    index.set(found.index, from - first);
  }
  for (const { extent, offset, count: blocks, fileBlock } of items) {
    if (!info.volumes.findGroup(extent.start)) continue;
    info.note(HistoryVerb.MovedAway, extent.start + offset, blocks, inode.owner, fileBlock);
  }
  return yield* writeLocked(
    info,
    inode,
    { first, count, payload: { generation, owner, index }, compressed: inode.flags.compress },
    { forceCow: true },
  );
}
