import type { OwnerId } from "../../block/index.ts";
import { assert, type BlockNumber, type Engine, type Pages, RangeLock } from "../../engine/index.ts";
import type { FileHandle } from "../filesystem.ts";
import { OrderedMap } from "../ordered-map.ts";
import type { Extent } from "./extent-tree.ts";
import type { Subvolume } from "./subvolume.ts";

/** A file extent item: blocks [fileBlock, fileBlock + count) of a file are blocks offset … of an extent. */
export interface FileExtent {
  readonly inode: Inode;
  readonly fileBlock: Pages;
  readonly count: Pages;
  readonly extent: Extent;
  readonly offset: Pages;
  /** Allocated by fallocate and never written through the filesystem: reads as zeroes. */
  readonly prealloc: boolean;
}

/** Logical address of a block of a file extent. */
export function logicalOf(item: FileExtent, fileBlock: Pages): BlockNumber {
  return item.extent.start + item.offset + (fileBlock - item.fileBlock);
}

/** A file: its flags and its extent items. A hole has no item. */
export class Inode implements FileHandle {
  readonly path: string;
  readonly owner: OwnerId;
  readonly size: Pages;
  readonly subvolume: Subvolume;
  /** NODATACOW, which implies NODATASUM. */
  readonly nocow: boolean;
  /** S_SWAPFILE with pins: the filesystem activated it as a swap file. */
  swapActive = false;
  /** The extent lock of the inode (extent_io_tree). */
  readonly lock: RangeLock;
  readonly #items = new OrderedMap<FileExtent>();

  constructor(
    engine: Engine,
    shape: { path: string; owner: OwnerId; size: Pages; subvolume: Subvolume; nocow: boolean },
  ) {
    this.path = shape.path;
    this.owner = shape.owner;
    this.size = shape.size;
    this.subvolume = shape.subvolume;
    this.nocow = shape.nocow;
    this.lock = new RangeLock(engine, `extents of ${shape.path}`);
  }

  get itemCount(): number {
    return this.#items.size;
  }

  itemAt(block: Pages): FileExtent | undefined {
    const item = this.#items.atOrBefore(block);
    return item && block < item.fileBlock + item.count ? item : undefined;
  }

  /** Items that meet [first, end), ascending. */
  itemsIn(first: Pages, end: Pages): FileExtent[] {
    const items: FileExtent[] = [];
    const before = this.itemAt(first);
    if (before) items.push(before);
    for (const item of this.#items.valuesFrom(first)) {
      if (item.fileBlock >= end) break;
      if (item !== before) items.push(item);
    }
    return items;
  }

  /** Items from a block on, ascending, one at a time. Nothing may change meanwhile. */
  itemsFrom(block: Pages): Iterable<FileExtent> {
    return this.#items.valuesFrom(this.itemAt(block)?.fileBlock ?? block);
  }

  items(): FileExtent[] {
    return [...this.#items.valuesFrom(0)];
  }

  /** Adds an item; the range must be a hole. */
  insert(shape: Omit<FileExtent, "inode">): FileExtent {
    const item: FileExtent = { inode: this, ...shape };
    assert(item.offset >= 0 && item.offset + item.count <= item.extent.count, "an item lies in its extent");
    this.#items.set(item.fileBlock, item);
    item.extent.refs.add(item);
    return item;
  }

  /** Joins the item at a block with neighbours that continue it in the same extent (btrfs_mark_extent_written). */
  mergeAround(block: Pages, drop: (item: FileExtent) => void): void {
    const item = this.itemAt(block);
    if (!item) return;
    const before = this.itemAt(item.fileBlock - 1);
    const after = this.itemAt(item.fileBlock + item.count);
    const parts = [before, item, after].filter((part) => part !== undefined);
    const joined = parts.filter((part) => part === item || continues(part, item) || continues(item, part));
    if (joined.length === 1) return;
    const [first] = joined;
    const count = joined.reduce((sum, part) => sum + part.count, 0);
    for (const part of joined) this.#items.delete(part.fileBlock);
    const { fileBlock, extent, offset, prealloc } = first!;
    this.insert({ fileBlock, count, extent, offset, prealloc });
    for (const part of joined) drop(part);
  }

  /**
   * btrfs_drop_extents: [first, end) becomes a hole; items at the edges are split. `drop` is called for every item that
   * goes, after the parts that stay have taken their references.
   */
  punch(first: Pages, end: Pages, drop: (item: FileExtent) => void): void {
    for (const item of this.itemsIn(first, end)) {
      this.#items.delete(item.fileBlock);
      this.#keepPart(item, item.fileBlock, first);
      this.#keepPart(item, end, item.fileBlock + item.count);
      drop(item);
    }
  }

  #keepPart(item: FileExtent, from: Pages, to: Pages): void {
    if (from >= to) return;
    this.insert({
      fileBlock: from,
      count: to - from,
      extent: item.extent,
      offset: item.offset + (from - item.fileBlock),
      prealloc: item.prealloc,
    });
  }
}

/** `next` goes on where `item` ends, in the file and in the extent. */
function continues(item: FileExtent, next: FileExtent): boolean {
  return (
    item.extent === next.extent &&
    item.prealloc === next.prealloc &&
    item.fileBlock + item.count === next.fileBlock &&
    item.offset + item.count === next.offset
  );
}
