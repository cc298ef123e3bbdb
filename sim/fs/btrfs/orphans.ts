import type { Actor } from "../../engine/index.ts";
import { dropExtents } from "./file-item.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import type { Subvolume } from "./subvolume.ts";
import { FILE_BLOCKS_MAX, InodeItem } from "./tree-item.ts";

/** btrfs_evict_inode: the file has no name, and nobody is at work on it any more: its items go. */
export function* evictInode(info: FsInfo, inode: Inode): Actor {
  const end = inode.lockEnd;
  yield* inode.lock.lock("lock_extent (evict)", 0, end);
  dropInode(info, inode);
  inode.lock.unlock(0, end);
}

function dropInode(info: FsInfo, inode: Inode): void {
  const { subvolume } = inode;
  if (inode.extentCount > 0) dropExtents(info, inode, 0, FILE_BLOCKS_MAX);
  inode.evicted = true;
  subvolume.inodes.delete(inode.ino);
  subvolume.tree.delete(subvolume.tree.get(new InodeItem(inode.ino, 0, inode.flags).key)!);
  info.context.observer.removed(inode.owner, 0, inode.size);
}

/**
 * Files without a name that nobody is going to evict: a commit, or a snapshot, came between the last name and the
 * items, and who was at it is not here any more.
 */
export function orphansOf({ inodes }: Subvolume): Inode[] {
  return [...inodes.values()].filter(({ names, evicting }) => names.size === 0 && !evicting);
}

/** btrfs_orphan_cleanup: at the mount, and in a new snapshot, files that nobody can reach any more go. */
export function orphanCleanup(info: FsInfo, subvolume: Subvolume): void {
  for (const inode of orphansOf(subvolume)) dropInode(info, inode);
}
