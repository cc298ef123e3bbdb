import { HistoryVerb } from "../../block/index.ts";
import { type Actor, type Bytes, bytesOf, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { COMPRESSED_MAX, type CompressionMethod } from "./compression.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { type FileExtent, onDisk } from "./file-extent.ts";
import { readItem } from "./file-read.ts";
import { writeLocked } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { failed, refusalOf } from "./operation-result.ts";

/**
 * How much of a run is rewritten in one go, if its first two extents are no longer. The kernel's limit for an extent is
 * 128 MiB; smaller keeps memory small.
 */
const RANGE_MAX: Pages = (8 * MIB) / PAGE_SIZE;

export interface DefragOptions {
  /** Extents at least this long stay where they are. */
  readonly threshold: Bytes;
  /** Only extents written in this transaction or later. */
  readonly newerThan?: number;
  /** All extents are rewritten, compressed by this method (BTRFS_DEFRAG_RANGE_COMPRESS). */
  readonly compress?: CompressionMethod;
}

/**
 * btrfs_defrag_file: rewrites runs of extents shorter than the threshold as longer ones, copy-on-write also for NOCOW
 * files. Preallocated extents and holes are left alone.
 */
export function* defragment(
  info: FsInfo,
  inode: Inode,
  options: DefragOptions,
  operation: string,
): Actor<OperationResult> {
  const refused = yield* refusalOf(info, "defrag", { inode, operation });
  if (refused) return refused;
  const before = inode.extentCount;
  let moved: Pages = 0;
  let errno: Errno | undefined;
  for (let block = 0; block < inode.size && errno === undefined; ) {
    const range = nextRange(inode, block, options);
    if (!range) break;
    errno = yield* rewrite(info, inode, { ...range, ...options }, operation);
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

/**
 * The next run of at least two short written extents that follow each other (defrag_collect_targets). A compressed extent
 * of full length cannot become longer. A request to compress takes whatever there is.
 */
function nextRange(
  inode: Inode,
  from: Pages,
  { threshold, newerThan = 0, compress }: DefragOptions,
): Range | undefined {
  const least = compress === undefined ? 2 : 1;
  let run: FileExtent[] = [];
  let length: Pages = 0;
  /** Blocks of the extents without which rewriting would join nothing. */
  let needed: Pages = 0;
  for (const item of inode.itemsFrom(from)) {
    const last = run.at(-1);
    const longest = item.extent.compressed ? COMPRESSED_MAX : threshold / PAGE_SIZE;
    const wanted = compress !== undefined || item.count < longest;
    const short = !item.prealloc && wanted && item.extent.generation >= newerThan;
    const follows = last === undefined || last.end === item.fileBlock;
    if (short && follows) {
      run.push(item);
      length += item.count;
      if (run.length <= least) needed = length;
      if (length >= RANGE_MAX && run.length >= least) break;
      continue;
    }
    if (run.length >= least) break;
    run = short ? [item] : [];
    length = short ? item.count : 0;
    needed = length;
  }
  if (run.length < least) return undefined;
  const most = compress === undefined ? Math.max(needed, RANGE_MAX) : RANGE_MAX;
  return { first: run[0]!.fileBlock, count: Math.min(length, most) };
}

/** Reads a range and writes the same bytes to a new place, under the extent lock. */
function* rewrite(
  info: FsInfo,
  inode: Inode,
  { first, count, compress }: Range & DefragOptions,
  operation: string,
): Actor<Errno | undefined> {
  yield* lockExtents(info, inode, { first, end: first + count }, "lock_extent (defrag)");
  yield* info.series.allocate("page of the page cache");
  info.series.dropMaps(inode);
  const errno = inode.isGone ? "ENOENT" : yield* rewriteLocked(info, inode, { first, count }, compress);
  inode.lock.unlock(first, first + count);
  if (errno === undefined) {
    info.context.observer.relocated(inode.owner, first, count, "moved", operation, "defragmented");
  }
  return errno;
}

function* rewriteLocked(
  info: FsInfo,
  inode: Inode,
  { first, count }: Range,
  compress: CompressionMethod | undefined,
): Actor<Errno | undefined> {
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
    const found = yield* readItem(info, item, from, length);
    if (!found || found.errno !== undefined) return "EIO";
    generation.set(found.payload.generation, from - first);
    owner.set(found.payload.owner, from - first);
    index.set(found.payload.index, from - first);
  }
  for (const item of items) {
    const { start, count: blocks } = onDisk(item);
    if (!info.volumes.findGroup(start)) continue;
    info.note(HistoryVerb.MovedAway, start, blocks, inode.owner, item.fileBlock);
  }
  return yield* writeLocked(
    info,
    inode,
    { first, count, payload: { generation, owner, index } },
    { forceCow: true, compress },
  );
}
