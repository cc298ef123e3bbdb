import type { FsInfo } from "./fs-info.ts";
import type { FileExtent } from "./inode.ts";

/**
 * can_nocow_extent, 6.1, in its order: may a write to this item go in place? A hole has no item and never comes here.
 * `strict` is how swapon asks: the generation of the last snapshot is no reason by itself.
 */
export function canNocow(info: FsInfo, item: FileExtent, strict = false): boolean {
  const { inode, extent, prealloc } = item;
  if (!inode.nocow && !prealloc) return false;
  if (!strict && extent.generation <= inode.subvolume.lastSnapshot) return false;
  if (isShared(item)) return false;
  if (inode.subvolume.snapshotting) return false;
  if (extent.checksums !== undefined) return false;
  return !info.groupOf(extent).readOnly;
}

/** Some other file, or a snapshot's, refers to the extent (btrfs_cross_ref_exist). */
export function isShared({ inode, extent }: FileExtent): boolean {
  for (const other of extent.refs) if (other.inode !== inode) return true;
  return false;
}
