import type { Actor } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

/**
 * Runs an operation under the inode lock (i_rwsem): what it looks at, IS_SWAPFILE above all, holds until it ends. Range
 * locks keep operations apart, so they share it among themselves; swapon has it alone. A swap file of the 2014 series
 * has an i_mutex that somebody may hold, or may have released by mistake.
 */
export function* underInodeLock<Result>(info: FsInfo, inode: Inode, run: Actor<Result>): Actor<Result> {
  const file = info.series.files.get(inode);
  if (file) yield* file.iMutex.lock("mutex_lock (i_mutex)");
  else yield* inode.rwsem.lockShared("inode_lock");
  // swapon of the series came first, or its swapoff: the lock is another one now.
  const isSame = info.series.files.get(inode) === file;
  const result = isSame ? yield* run : undefined;
  if (file) file.iMutex.unlock();
  else inode.rwsem.unlockShared();
  return isSame ? (result as Result) : yield* underInodeLock(info, inode, run);
}

/**
 * swapon(2) has the inode's lock alone; what comes back gives it up. A swap file of the 2014 series goes on with its
 * i_mutex from its activation on.
 */
export function* lockForSwapon({ series }: FsInfo, inode: Inode): Actor<() => void> {
  const { rwsem } = inode;
  yield* rwsem.lockExclusive("inode_lock (swapon)");
  return () => {
    const iMutex = series.activating.get(inode);
    series.activating.delete(inode);
    if (iMutex) iMutex.unlock();
    else rwsem.unlockExclusive();
  };
}

/** Under the locks of two files, the older one first (lock_two_nondirectories); once if they are the same. */
export function underBothLocks<Result>(
  info: FsInfo,
  [a, b]: readonly [Inode, Inode],
  run: Actor<Result>,
): Actor<Result> {
  if (a === b) return underInodeLock(info, a, run);
  const [first, second] = a.owner < b.owner ? [a, b] : [b, a];
  return underInodeLock(info, first, underInodeLock(info, second, run));
}
