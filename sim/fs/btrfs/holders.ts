import type { Pages } from "../../engine/index.ts";
import type { Holder } from "../filesystem.ts";
import type { Extent } from "./extent-tree.ts";
import type { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { ItemType, treeKey } from "./tree-item.ts";

/** A file that refers to an extent, and the item by which it does. */
export interface ExtentHolder {
  readonly inode: Inode;
  readonly item: FileExtent;
}

/**
 * Everybody who can read an extent, also through a leaf that several trees share (iterate_extent_inodes). A snapshot
 * keeps inode numbers and offsets, so each reference is looked up in every subvolume.
 */
export function* holdersOfExtent(info: FsInfo, extent: Extent): Generator<ExtentHolder, void, undefined> {
  const refs = extent.refs.all();
  for (const [index, { ino, base }] of refs.entries()) {
    if (refs.findIndex((other) => other.ino === ino && other.base === base) < index) continue;
    for (const { inodes, dead } of info.subvolumes) {
      const inode = dead ? undefined : inodes.get(ino);
      if (!inode) continue;
      for (const item of inode.itemsFrom(Math.max(0, base), base + extent.ramCount)) {
        if (item.extent === extent && item.extentBase === base) yield { inode, item };
      }
    }
  }
}

/** Everybody who can read one block of an extent; asked for every swap write that passes the filesystem by. */
export function holdersOfBlock(info: FsInfo, extent: Extent, offset: Pages): readonly Holder[] {
  // Every block of compressed data is needed for all of it.
  if (extent.compressed) {
    return [...holdersOfExtent(info, extent)].map(({ inode, item }) => ({
      owner: inode.owner,
      index: item.fileBlock,
    }));
  }
  const holders: Holder[] = [];
  for (const { ino, base } of extent.refs.all()) {
    const index = base + offset;
    for (const { inodes, dead } of info.subvolumes) {
      const inode = dead ? undefined : inodes.get(ino);
      const item = inode?.itemAt(index);
      if (!inode || item?.extent !== extent || item.extentBase !== base) continue;
      const { owner } = inode;
      if (!holders.some((known) => known.owner === owner && known.index === index))
        holders.push({ owner, index });
    }
  }
  return holders;
}

/** The leaves that name an extent are written anew by this transaction: a pointer in them changes. */
export function dirtyLeavesOf(info: FsInfo, extent: Extent): void {
  for (const { holder, ino, base } of extent.refs.all()) {
    const key = treeKey(ino, ItemType.ExtentData, Math.max(0, base));
    const leaf =
      typeof holder === "number" ? info.subvolumes.find(({ id }) => id === holder)?.tree.leafOf(key) : holder;
    if (leaf) info.transactions.dirty.add(leaf);
  }
}
