import type { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

/** can_nocow_extent, 6.1, in its order: may a write to this item go in place? A hole has no item and never comes here. */
export function canNocow(info: FsInfo, inode: Inode, item: FileExtent): boolean {
  const { extent, prealloc } = item;
  if (!inode.nocow && !prealloc) return false;
  // The cheap test first: a snapshot may share it, so COW, whether or not the snapshot still exists.
  if (extent.generation <= inode.subvolume.lastSnapshot) return false;
  if (extent.compressed !== undefined || extent.checksums !== undefined) return false;
  if (isShared(info, inode, item)) return false;
  if (inode.subvolume.snapshotting) return false;
  return !info.groupOf(extent).readOnly;
}

/**
 * btrfs_cross_ref_exist as the kernel version has it: does somebody else refer to the extent, as far as it sees? Unless
 * it is `strict`, a snapshot made since the extent was written counts, deleted or not.
 */
export function isShared(info: FsInfo, inode: Inode, item: FileExtent, strict = false): boolean {
  const { subvolume, ino } = inode;
  const { faults } = info.context;
  if (faults?.has("blindShareTest")) return false;
  if (item.extent.refs.isSharedFrom(subvolume.id, ino, item.extentBase)) return true;
  if (!strict && item.extent.generation <= subvolume.lastSnapshot) return true;
  if (faults?.has("countPendingReferences") && isGivenUpByOthers(info, inode, item)) return true;
  const walks = info.rules.shareTest === "back references" || faults?.has("shareTestWalksLeaves");
  return walks ? isLeafShared(inode, item) : false;
}

/** check_delayed_ref: a reference of somebody else was dropped, and the transaction has not been committed. */
function isGivenUpByOthers({ transactions }: FsInfo, { subvolume, ino }: Inode, item: FileExtent): boolean {
  const { lastDrop } = item.extent;
  if (lastDrop?.transaction !== transactions.generation) return false;
  return lastDrop.holder !== subvolume.id || lastDrop.ino !== ino || lastDrop.base !== item.extentBase;
}

/** A node on the way to the item's leaf is part of another tree as well: what find_parent_nodes would find. */
function isLeafShared({ subvolume }: Inode, item: FileExtent): boolean {
  let node = subvolume.tree.root;
  for (;;) {
    if (node.refs > 1) return true;
    if (node.level === 0) return false;
    node = node.children[Math.max(0, node.slotOf(item.key))]!;
  }
}

/**
 * swapon's question: may swap write here for as long as it likes? The generation of a snapshot is no reason (since 5.9),
 * so the test is strict, if every function on the way passes that on.
 */
export function isSharedForSwap(info: FsInfo, inode: Inode, item: FileExtent): boolean {
  const { faults } = info.context;
  const guesses = info.rules.shareTest === "generation" || faults?.has("guessSharing");
  if (guesses && item.extent.generation <= inode.subvolume.lastSnapshot) return true;
  return isShared(info, inode, item, !faults?.has("loseStrict"));
}
