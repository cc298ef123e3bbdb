import type { BlockContent } from "../../../block/index.ts";
import type { Actor, Pages } from "../../../engine/index.ts";
import type { Errno } from "../../errno.ts";
import { writeLocked } from "../file-write.ts";
import type { FsInfo } from "../fs-info.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/**
 * Who takes i_mutex for a page-out. btrfs_direct_IO drops it for a write inside the file and takes it again at the end,
 * as one who was called under it may.
 */
export type InodeLocking =
  /** v2 and v3: direct_IO is called without the lock that it drops. */
  | "nobody"
  /** The series of 15 December 2014: swap takes it around direct_IO. */
  | "caller"
  /** What was proposed then: swap calls write with O_DIRECT, which takes it, and which may fall back to buffered I/O. */
  | "write call"
  /** swap_rw (5.18): a call for swap alone, which takes and drops none. */
  | "none needed";

/** What the faults say; v2 if they say nothing. */
export function inodeLocking(faults: ReadonlySet<string> | undefined): InodeLocking {
  if (faults?.has("swapRwOwnLocking")) return "none needed";
  if (faults?.has("swapByWriteCall")) return "write call";
  return faults?.has("callerLocksInode") ? "caller" : "nobody";
}

/** Runs direct I/O the way swap calls it. "short": nothing was written. */
export function* underSwapLocking(
  file: SwapFile2014,
  directIo: Actor<Errno | "short" | undefined>,
  fallBack: Actor<Errno | undefined>,
): Actor<Errno | "short" | undefined> {
  const { iMutex, locking } = file;
  if (locking === "none needed" || locking === "nobody") return yield* directIo;
  yield* iMutex.lock(`mutex_lock (${locking === "caller" ? "swap_writepage" : "btrfs_file_write_iter"})`);
  const result = yield* directIo;
  const written = result === "short" && locking === "write call" ? yield* fallBack : result;
  iMutex.unlock();
  return written;
}

/** btrfs_direct_IO lets go of i_mutex, whether or not its caller has it. */
export function dropMutex({ iMutex, locking }: SwapFile2014): void {
  if (locking === "nobody") iMutex.strayUnlock();
  else if (locking !== "none needed") iMutex.unlock();
}

/** The end of btrfs_direct_IO. */
export function* retakeMutex({ iMutex, locking }: SwapFile2014): Actor {
  const label = "mutex_lock (end of btrfs_direct_IO)";
  if (locking === "nobody") yield* iMutex.strayLock(label);
  else if (locking !== "none needed") yield* iMutex.lock(label);
}

/** generic_perform_write after direct I/O gave up: through a page of the page cache, inside reclaim. */
export function* bufferedFallBack(
  info: FsInfo,
  { inode }: SwapFile2014,
  block: Pages,
  content: BlockContent,
): Actor<Errno | undefined> {
  if (!(yield* info.series.allocate("page of the page cache"))) return "ENOMEM";
  yield* inode.lock.lock("lock_extent (buffered fall-back)", block, block + 1);
  const errno = inode.evicted
    ? "ENOENT"
    : yield* writeLocked(info, inode, { first: block, count: 1, run: content });
  inode.lock.unlock(block, block + 1);
  return errno;
}
