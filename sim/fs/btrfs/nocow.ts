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

/** btrfs_cross_ref_exist as the kernel version has it: does somebody else refer to the extent, as far as it sees? */
export function isShared(info: FsInfo, inode: Inode, item: FileExtent): boolean {
  const { subvolume, ino } = inode;
  if (info.context.faults?.has("blindShareTest")) return false;
  if (item.extent.refs.isSharedFrom(subvolume.id, ino, item.extentBase)) return true;
  const { shareTest } = info.rules;
  const walks = shareTest === "back references" || info.context.faults?.has("shareTestWalksLeaves");
  return walks ? isLeafShared(inode, item) : false;
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

/** swapon's question (strict): may swap write here for as long as it likes? The generation of a snapshot is no reason. */
export function isSharedForSwap(info: FsInfo, inode: Inode, item: FileExtent): boolean {
  if (info.rules.shareTest === "generation" && item.extent.generation <= inode.subvolume.lastSnapshot) {
    return true;
  }
  return isShared(info, inode, item);
}
