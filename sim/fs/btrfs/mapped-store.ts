import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { writeLocked } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { done, failed, refusalOf } from "./operation-result.ts";

/**
 * Stores through a mapping that the process has had for a while, and msync. Neither takes the inode lock: a store looks
 * for IS_SWAPFILE (do_page_mkwrite), makes its page dirty under the mmap lock of the inode (btrfs_page_mkwrite), and the
 * page is written some time later.
 */
export function* storeMapped(
  info: FsInfo,
  inode: Inode,
  { first, count }: { readonly first: Pages; readonly count: Pages },
  operation: string,
): Actor<OperationResult> {
  const refused = yield* refusalOf(info, "store through an old mapping", { inode, operation });
  if (refused) return refused;
  yield* inode.mmapLock.lockShared("btrfs_page_mkwrite");
  // A store that waited here for swapon must see the swap file. Mainline looks only before it takes the lock.
  const late = info.fixes.mmapLockAtActivation
    ? yield* refusalOf(info, "store through an old mapping", { inode, operation })
    : undefined;
  const end = Math.min(first + count, inode.size);
  for (let block = first; !late && block < end; block++) inode.delalloc.add(block);
  inode.mmapLock.unlockShared();
  if (late) return late;
  if (info.context.engine.exploring) yield step("msync", inode);
  const errno = yield* writeDelalloc(info, inode);
  return errno === undefined ? done(`stored ${count} blocks`) : failed(errno);
}

/** filemap_fdatawrite: writes what was stored through mappings. What somebody else writes is not waited for. */
export function* writeDelalloc(info: FsInfo, inode: Inode): Actor<Errno | undefined> {
  let errno: Errno | undefined;
  while (inode.delalloc.size > 0) {
    const first = Math.min(...inode.delalloc);
    const end = first + dirtyFrom(inode, first);
    yield* inode.lock.lock("lock_extent (writeback)", first, end);
    // Another writer or a truncation may have been faster.
    const count = Math.min(dirtyFrom(inode, first), end - first);
    for (let block = first; block < first + count; block++) inode.delalloc.delete(block);
    if (count > 0 && !inode.isGone) errno = (yield* writeRun(info, inode, first, count)) ?? errno;
    inode.lock.unlock(first, end);
  }
  return errno;
}

/** inode_drain_writes: after it no write is under way, whoever began it. */
export function* drainWrites(info: FsInfo, inode: Inode): Actor<Errno | undefined> {
  const errno = yield* writeDelalloc(info, inode);
  const end = inode.lockEnd;
  yield* inode.lock.lock("inode_drain_writes", 0, end);
  inode.lock.unlock(0, end);
  return errno;
}

function* writeRun(info: FsInfo, inode: Inode, first: Pages, count: Pages): Actor<Errno | undefined> {
  const generation = info.context.generations.take(count);
  return yield* writeLocked(info, inode, {
    first,
    count,
    run: { generation, owner: inode.owner, index: first },
  });
}

/** How many blocks from this one on are dirty. */
function dirtyFrom({ delalloc }: Inode, first: Pages): Pages {
  let count = 0;
  while (delalloc.has(first + count)) count++;
  return count;
}
