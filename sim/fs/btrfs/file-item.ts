import { HistoryVerb } from "../../block/index.ts";
import type { Pages } from "../../engine/index.ts";
import type { Extent } from "./extent-tree.ts";
import { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

/** An extent and the file block it begins at. */
export interface PlacedExtent {
  readonly extent: Extent;
  readonly first: Pages;
  readonly prealloc: boolean;
}

/** A whole extent becomes part of a hole of a file. */
export function insertExtent(info: FsInfo, inode: Inode, { extent, first, prealloc }: PlacedExtent): void {
  inode.insert(new FileExtent(inode.ino, first, extent.ramCount, extent, 0, prealloc));
  info.note(HistoryVerb.Allocated, extent.start, extent.count, inode.owner, first);
  info.trees.touchExtent(extent.start, extent.count, extent.checksums !== undefined);
}

/** Blocks of a new extent become part of a file, in place of what was there (insert_reserved_file_extent). */
export function replaceExtents(info: FsInfo, inode: Inode, placed: PlacedExtent): void {
  dropExtents(info, inode, placed.first, placed.extent.ramCount);
  insertExtent(info, inode, placed);
}

/** btrfs_drop_extents: references to [first, first + count) of a file go, unreferenced extents are freed. */
export function dropExtents(info: FsInfo, inode: Inode, first: Pages, count: Pages): void {
  for (const { extent } of inode.itemsFrom(first, first + count)) {
    info.trees.touchExtent(extent.start, extent.count, extent.checksums !== undefined);
  }
  inode.punch(first, first + count);
}

/** truncate_pagecache_range: what was stored there through mappings is gone. */
export function dropDirty({ delalloc }: Inode, first: Pages, end: Pages): void {
  for (const block of delalloc) if (block >= first && block < end) delalloc.delete(block);
}

/** Blocks become a hole, what was stored there through mappings included, and the observer learns it. */
export function dropBlocks(info: FsInfo, inode: Inode, first: Pages, count: Pages): void {
  dropDirty(inode, first, first + count);
  dropExtents(info, inode, first, count);
  inode.touch(info.transactions.generation);
  info.context.observer.removed(inode.owner, first, count);
}
