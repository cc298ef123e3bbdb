import type { Actor, Pages } from "../../engine/index.ts";
import type { CopyToUser } from "../administration.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

/**
 * extent_fiemap: tells a program where a file's extents are. Under the 2014 series the answer is copied to its memory
 * with the range locked, and that memory may be swapped out to this very file (D6); since 6.9 it is copied afterwards.
 */
export function* fiemap(info: FsInfo, inode: Inode, copyToUser: CopyToUser): Actor<Pages> {
  const copiesUnderLock = info.series.files.has(inode) && !copiesUnlocked(info);
  yield* inode.lock.lock("lock_extent_bits (fiemap)", 0, inode.lockEnd);
  const extents = [...inode.itemsFrom(0)].length;
  if (copiesUnderLock) yield* copyToUser();
  inode.lock.unlock(0, inode.lockEnd);
  if (!copiesUnderLock) yield* copyToUser();
  return extents;
}

/**
 * btrfs_ioctl_tree_search: copies items of a tree to a program. Until 5.8 the leaf was locked meanwhile, and a page-in
 * that has to look into the tree waits behind the next writer of that leaf (D12).
 */
export function* searchTree(info: FsInfo, copyToUser: CopyToUser): Actor<number> {
  const { nodeLocks, files } = info.series;
  const copiesUnderLock = files.size > 0 && !copiesUnlocked(info);
  yield* nodeLocks.lockShared("btrfs_search_forward (search ioctl)");
  let items = 0;
  for (const inode of info.inodes()) items += [...inode.itemsFrom(0)].length;
  if (copiesUnderLock) yield* copyToUser();
  nodeLocks.unlockShared();
  if (!copiesUnderLock) yield* copyToUser();
  return items;
}

function copiesUnlocked({ context }: FsInfo): boolean {
  return context.faults?.has("copyAnswersUnlocked") === true;
}
