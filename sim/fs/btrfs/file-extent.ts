import type { BlockNumber, Pages } from "../../engine/index.ts";
import type { Extent } from "./extent-tree.ts";
import { ItemType, type TreeItem, treeKey } from "./tree-item.ts";

/** EXTENT_DATA of a regular extent: 53 bytes and the item header. */
const REGULAR_BYTES = 53 + 25;

/**
 * EXTENT_DATA: blocks [fileBlock, fileBlock + count) of a file are blocks `offset` … of an extent. Which inode object it
 * belongs to depends on the subvolume whose tree reaches it.
 */
export class FileExtent implements TreeItem {
  readonly kind = "extent";
  readonly ino: number;
  readonly fileBlock: Pages;
  readonly count: Pages;
  readonly extent: Extent;
  readonly offset: Pages;
  /** Allocated by fallocate and never written through the filesystem: reads as zeroes. */
  readonly prealloc: boolean;

  constructor(ino: number, fileBlock: Pages, count: Pages, extent: Extent, offset: Pages, prealloc: boolean) {
    this.ino = ino;
    this.fileBlock = fileBlock;
    this.count = count;
    this.extent = extent;
    this.offset = offset;
    this.prealloc = prealloc;
  }

  get key(): number {
    return treeKey(this.ino, ItemType.ExtentData, this.fileBlock);
  }

  get bytes(): number {
    return REGULAR_BYTES;
  }

  get end(): Pages {
    return this.fileBlock + this.count;
  }

  /** File offset at which the extent would begin: what a data reference is keyed by. */
  get extentBase(): Pages {
    return this.fileBlock - this.offset;
  }

  /** The part of this item for file blocks [from, to). */
  slice(from: Pages, to: Pages, prealloc: boolean = this.prealloc): FileExtent {
    return new FileExtent(
      this.ino,
      from,
      to - from,
      this.extent,
      this.offset + (from - this.fileBlock),
      prealloc,
    );
  }

  /** `next` goes on where this ends, in the file and in the extent. */
  continuesIn(next: FileExtent): boolean {
    return (
      this.extent === next.extent &&
      this.prealloc === next.prealloc &&
      this.end === next.fileBlock &&
      this.offset + this.count === next.offset
    );
  }
}

/** Logical address of a block of a file extent; of a compressed one, where the whole extent begins. */
export function logicalOf(item: FileExtent, fileBlock: Pages): BlockNumber {
  if (item.extent.compressed) return item.extent.start;
  return item.extent.start + item.offset + (fileBlock - item.fileBlock);
}

/** What lies on disk for an item: its own blocks, or all of a compressed extent. */
export function onDisk({ extent, offset, count }: FileExtent): { start: BlockNumber; count: Pages } {
  return extent.compressed
    ? { start: extent.start, count: extent.count }
    : { start: extent.start + offset, count };
}
