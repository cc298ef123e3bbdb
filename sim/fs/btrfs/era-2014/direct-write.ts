import type { BlockContent } from "../../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  type Bytes,
  delay,
  NeverEnds,
  type Pages,
  probe,
  step,
} from "../../../engine/index.ts";
import type { Errno } from "../../errno.ts";
import type { BlockGroup } from "../block-group.ts";
import { type FileExtent, logicalOf } from "../file-extent.ts";
import { replaceExtents } from "../file-item.ts";
import type { Reservation } from "../find-free-extent.ts";
import type { FsInfo } from "../fs-info.ts";
import type { Inode } from "../inode.ts";
import { submitWrite, waitForAll } from "../map-bio.ts";
import { isShared } from "../nocow.ts";
import { lockExtentDirect } from "./extent-lock.ts";
import { bufferedFallBack, dropMutex, retakeMutex, underSwapLocking } from "./locking.ts";
import { reserveForPage } from "./reserve.ts";
import { OrderedExtent, type SwapFile2014 } from "./swap-file.ts";

const hitInPlace = probe("the 2014 series writes a page in place");
const hitCow = probe("the 2014 series writes a page of a NOCOW file to new space");
const hitDropped = probe("the completion of a swap-out finds the filesystem aborted and drops the mapping");

/** Where a page goes. */
interface Target {
  readonly ordered: OrderedExtent;
  readonly logical: BlockNumber;
}

/**
 * btrfs_direct_IO(WRITE) of one kernel page, 3.18: i_mutex is unlocked, in v2 though nobody holds it; space is reserved,
 * the block is mapped under its extent lock, and the caller sleeps until the bio has ended. "short": nothing was written.
 */
export function* directWrite2014(
  info: FsInfo,
  file: SwapFile2014,
  block: Pages,
  content: BlockContent,
): Actor<Errno | "short" | undefined> {
  const fallBack = bufferedFallBack(info, file, block, content);
  return yield* underSwapLocking(file, btrfsDirectIo(info, file, block, content), fallBack);
}

function* btrfsDirectIo(
  info: FsInfo,
  file: SwapFile2014,
  block: Pages,
  content: BlockContent,
): Actor<Errno | "short" | undefined> {
  yield* info.context.processors.run("btrfs_direct_IO", info.costs.btrfsDirectIo);
  dropMutex(file);
  const reserved = yield* reserveForPage(info, file);
  let result: Errno | "short" | undefined;
  if (typeof reserved === "number") {
    result = yield* writeReserved(info, file, block, content, reserved);
    if (result !== undefined) info.metadata.release(reserved);
  } else result = reserved;
  yield* retakeMutex(file);
  return result;
}

function* writeReserved(
  info: FsInfo,
  file: SwapFile2014,
  block: Pages,
  content: BlockContent,
  reserved: Bytes,
): Actor<Errno | "short" | undefined> {
  const target = yield* mapForWrite(info, file, block);
  if (typeof target === "string") return target;
  const { ordered, logical } = target;
  const { series } = info;
  for (const site of ["bio clone", "private struct"] as const) {
    if (!(yield* series.allocate(site))) return fail(info, file, ordered, "ENOMEM");
  }
  if (!(yield* series.allocate("map struct"))) yield* leakedBio().wait("dio_await_completion");
  // A chunk that balance has removed meanwhile cannot be mapped any more.
  if (!info.volumes.findGroup(logical)) return fail(info, file, ordered, "EIO");
  const bios = submitWrite(info, logical, { first: block, count: 1, run: content });
  const errno = yield* waitForAll(info, ordered.group, bios);
  if (errno !== undefined) {
    if (info.context.faults?.has("endFailedWrites")) return fail(info, file, ordered, errno);
    // btrfs_endio_direct_write: the error branch forgets the ordered extent.
    ordered.abandoned = "a write error, after which nobody completes the ordered extent";
    return errno;
  }
  const { inode } = file;
  if (!ordered.placed) info.context.observer.wrote(inode.owner, block, 1, content.generation);
  series.queue(() => finishOrdered(info, file, ordered, content, reserved));
  return undefined;
}

/** Nothing was written: the ordered extent is taken back. */
function fail(info: FsInfo, file: SwapFile2014, ordered: OrderedExtent, errno: Errno): Errno {
  if (ordered.placed) info.allocator.unreserve(ordered.placed);
  endOrdered(file, ordered);
  return errno;
}

/** The bio waits for pieces that were never counted (btrfs_submit_direct_hook, single-bio path, L8). */
export function leakedBio(): NeverEnds {
  return new NeverEnds("a bio whose pending count began at 0, so that its error completes nothing");
}

/** btrfs_get_blocks_direct with create: in place if can_nocow_extent says so, else 4 KiB of new space. */
function* mapForWrite(info: FsInfo, file: SwapFile2014, block: Pages): Actor<Errno | "short" | Target> {
  const { inode } = file;
  yield* info.series.allocate("dio struct", "GFP_KERNEL");
  yield* lockExtentDirect(info, file, block, "lock_extent_direct (write)");
  const item = inode.itemAt(block);
  if (inode.evicted || item?.extent.compressed) {
    inode.lock.unlock(block, block + 1);
    return inode.evicted ? "ENOENT" : "short";
  }
  const inPlace = item ? yield* asSnapshotWriter(info, inode, canNocow(info, file, item, block)) : undefined;
  const target = inPlace ?? (yield* newSpace(info, file, block));
  inode.lock.unlock(block, block + 1);
  return target;
}

/** btrfs_start_write_no_snapshoting: buffered writes ask for it, direct ones did not (L10). */
function* asSnapshotWriter(
  { context }: FsInfo,
  { subvolume: { snapshotLock } }: Inode,
  decide: Actor<Target | undefined>,
): Actor<Target | undefined> {
  if (!context.faults?.has("countSnapshotWriters")) return yield* decide;
  if (!snapshotLock.tryWriteLock()) return undefined;
  const target = yield* decide;
  snapshotLock.writeUnlock();
  return target;
}

/** can_nocow_extent, 3.18, in its order; the place if the page may be written there. */
function* canNocow(
  info: FsInfo,
  file: SwapFile2014,
  item: FileExtent,
  block: Pages,
): Actor<Target | undefined> {
  const { inode, options } = file;
  const { extent, prealloc } = item;
  const { nodeLocks } = info.series;
  yield* nodeLocks.lockShared("btrfs_lookup_file_extent");
  nodeLocks.unlockShared();
  if (!inode.nocow && !prealloc) return undefined;
  if (extent.checksums !== undefined) return undefined;
  const group = info.groupOf(extent);
  if (group.readOnly) return undefined;
  const logical = logicalOf(item, block);
  if (!(yield* joinTransaction(info))) return undefined;
  yield* nodeLocks.lockShared("btrfs_cross_ref_exist");
  nodeLocks.unlockShared();
  const isOlder = extent.generation <= inode.subvolume.lastSnapshot;
  yield* info.series.journal.end(info);
  if (isOlder || isShared(info, inode, item)) return undefined;
  // From here on nobody looks at the group or at snapshots again (L6, L10). Since 4.7 a writer is counted before.
  const counts = info.context.faults?.has("countNocowWriters") === true;
  if (counts && !group.incNocowWriters()) return undefined;
  if (options.stall > 0) yield delay("stall after the read-only test", options.stall);
  else if (info.context.engine.exploring) yield step("btrfs_add_ordered_extent_dio", group);
  hitInPlace();
  const ordered = addOrdered(info, file, block, group, undefined);
  if (counts) group.decNocowWriters();
  return { ordered, logical };
}

/** btrfs_new_extent_direct. */
function* newSpace(info: FsInfo, file: SwapFile2014, block: Pages): Actor<Errno | Target> {
  const { inode } = file;
  const near = inode.itemAt(block);
  const reserve = (): Reservation | undefined => info.reserveData(1, near && logicalOf(near, block), 1)?.[0];
  let placed = reserve();
  if (!placed && !info.aborted && info.transactions.pinnedBlocks > 0) {
    yield* info.transactions.commit();
    placed = reserve();
  }
  if (!placed) return "ENOSPC";
  hitCow();
  return { ordered: addOrdered(info, file, block, placed.group, placed), logical: placed.start };
}

/**
 * join_transaction: waits while a commit is in its critical section; false if the filesystem was aborted. A task that has a
 * handle open uses that one, whatever goes on.
 */
export function* joinTransaction(info: FsInfo): Actor<boolean> {
  if (info.aborted) return false;
  const { journal } = info.series;
  if (journal.isOpen(info)) {
    journal.join(info);
    return true;
  }
  yield* journal.oopsIfMarked(info);
  yield* info.startWrite();
  yield* info.series.allocate("transaction handle");
  const { transactions } = info;
  while (transactions.blocked) yield transactions.unblocked.wait("wait_current_trans");
  if (info.aborted) return false;
  journal.open(info);
  return true;
}

/** btrfs_add_ordered_extent: from now on balance waits for the write. */
function addOrdered(
  info: FsInfo,
  file: SwapFile2014,
  block: Pages,
  group: BlockGroup,
  placed: Reservation | undefined,
): OrderedExtent {
  const ordered = new OrderedExtent(info, { block, group, placed });
  file.ordered.set(block, ordered);
  group.orderedInPlace++;
  return ordered;
}

function endOrdered(file: SwapFile2014, ordered: OrderedExtent): void {
  const { group, block } = ordered;
  file.ordered.delete(block);
  group.endOrderedInPlace();
  ordered.complete();
}

/** btrfs_finish_ordered_io, in the worker: items are updated in a transaction of its own. */
function* finishOrdered(
  info: FsInfo,
  file: SwapFile2014,
  ordered: OrderedExtent,
  content: BlockContent,
  reserved: Bytes,
): Actor {
  const { engine, processors, observer } = info.context;
  ordered.worker = engine.current;
  yield* processors.run("btrfs_finish_ordered_io", info.costs.btrfsOrderedExtent);
  const joined = yield* joinTransaction(info);
  // In place only the times of the inode change, and they wait in memory.
  if (joined && (ordered.placed || file.inode.itemAt(ordered.block)?.prealloc)) {
    yield* info.series.allocate("page for a leaf");
  }
  const { inode } = file;
  const { block, placed } = ordered;
  if (!joined || inode.evicted) {
    if (placed) {
      hitDropped();
      info.allocator.unreserve(placed);
    }
  } else if (placed) {
    const extent = info.extents.insert(placed, info.transactions.generation);
    replaceExtents(info, inode, { extent, first: block, prealloc: false });
    if (block >= inode.size) inode.update({ size: block + 1 });
    inode.touch(info.transactions.generation);
    observer.wrote(inode.owner, block, 1, content.generation);
  } else {
    inode.touch(info.transactions.generation);
    const item = inode.itemAt(block);
    if (item?.prealloc) {
      inode.markWritten(item, block, block + 1);
      inode.mergeAround(block);
    }
  }
  if (joined) yield* info.series.journal.end(info);
  info.metadata.release(reserved);
  endOrdered(file, ordered);
}
