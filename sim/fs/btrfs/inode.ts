import type { OwnerId } from "../../block/index.ts";
import { type Engine, type Pages, RangeLock, RwLock } from "../../engine/index.ts";
import type { FileHandle } from "../file-handle.ts";
import { FileExtent } from "./file-extent.ts";
import type { InlineExtent } from "./inline-extent.ts";
import type { Subvolume } from "./subvolume.ts";
import {
  FILE_BLOCKS_MAX,
  type InodeFlags,
  InodeItem,
  type InodeRef,
  ItemType,
  treeKey,
} from "./tree-item.ts";

/** A file: what stat tells, its extent lock, and its extent items, which lie in the tree of its subvolume. */
export class Inode implements FileHandle {
  readonly ino: number;
  readonly owner: OwnerId;
  readonly subvolume: Subvolume;
  /** Names below the subvolume, with the index of each; a file that is open but unlinked has none. */
  readonly names: Map<string, number> = new Map();
  /** btrfs_swap_activate has handed out its extents and pinned what could move them. */
  swapActive = false;
  /** S_SWAPFILE, which swapon(2) sets under the inode lock whatever the strategy. */
  isSwapFile = false;
  /** The extent lock of the inode (extent_io_tree). */
  lock: RangeLock;
  /** The inode lock (i_rwsem): operations on the file share it, swapon has it alone. */
  rwsem: RwLock;
  /** Stores through mappings share it (i_mmap_lock). */
  mmapLock: RwLock;
  /** Blocks that were stored through a mapping and are not written yet. */
  readonly delalloc: Set<Pages> = new Set();
  extentCount = 0;
  /** The last name is gone, and whoever took it, or the queue of inactive files, takes the items too. */
  evicting = false;
  /** The file has no name and its items are gone: who still holds it may do nothing with it any more. */
  evicted = false;
  #item: InodeItem;
  #path: string;
  /** The extent item of the last look-up, and the version of the tree for which it holds (an extent map). */
  #last: FileExtent | undefined;
  #lastVersion = -1;
  #touchedIn = -1;
  readonly #engine: Engine;

  constructor(
    engine: Engine,
    shape: { item: InodeItem; owner: OwnerId; subvolume: Subvolume; path: string },
  ) {
    this.#item = shape.item;
    this.ino = shape.item.ino;
    this.owner = shape.owner;
    this.subvolume = shape.subvolume;
    this.#path = shape.path;
    this.#engine = engine;
    this.lock = this.#newLock();
    this.rwsem = this.#newRwsem();
    this.mmapLock = this.#newMmapLock();
  }

  #newMmapLock(): RwLock {
    return new RwLock(this.#engine, `i_mmap_lock of ${this.#path}`);
  }

  #newLock(): RangeLock {
    return new RangeLock(this.#engine, `extents of ${this.#path}`);
  }

  #newRwsem(): RwLock {
    return new RwLock(this.#engine, `i_rwsem of ${this.#path}`);
  }

  /** The first name; the last one it had if it has none left. */
  get path(): string {
    for (const name of this.names.keys()) this.#path = this.subvolume.pathOf(name);
    return this.#path;
  }

  get size(): Pages {
    return this.#item.size;
  }

  get flags(): InodeFlags {
    return this.#item.flags;
  }

  /** No path leads here any more: an operation that waited meanwhile has come too late. */
  get isGone(): boolean {
    return this.evicted || this.subvolume.dead;
  }

  /** NODATACOW, which implies NODATASUM. */
  get nocow(): boolean {
    return this.#item.flags.nocow;
  }

  /** End of the range to lock when the whole file is meant, what is being written behind its end included. */
  readonly lockEnd: Pages = FILE_BLOCKS_MAX;

  /** Recovery: what the committed items say. */
  reload(item: InodeItem, refs: readonly InodeRef[], extentCount: number): void {
    this.#item = item;
    this.names.clear();
    for (const { name, index } of refs) this.names.set(name, index);
    this.extentCount = extentCount;
    this.swapActive = false;
    this.isSwapFile = false;
    this.evicting = false;
    this.evicted = false;
    this.#touchedIn = -1;
    this.#last = undefined;
    this.lock = this.#newLock();
    this.rwsem = this.#newRwsem();
    this.mmapLock = this.#newMmapLock();
    this.delalloc.clear();
  }

  /** btrfs_update_inode: size or flags change. */
  update(change: { size?: Pages; flags?: InodeFlags }): void {
    const item = new InodeItem(this.ino, change.size ?? this.size, change.flags ?? this.flags);
    this.subvolume.tree.replace(this.#item, item);
    this.#item = item;
  }

  /** The times change: the leaf of the inode item belongs to this transaction from now on. */
  touch(generation: number): void {
    if (this.#touchedIn === generation) return;
    this.#touchedIn = generation;
    this.subvolume.tree.touch(this.#item.key);
  }

  itemAt(block: Pages): FileExtent | undefined {
    const { tree } = this.subvolume;
    if (this.#lastVersion === tree.version) {
      const last = this.#last;
      if (last && block >= last.fileBlock && block < last.end) return last;
    }
    const item = tree.atOrBefore(this.#key(block));
    if (item?.kind !== "extent") return undefined;
    const extent = item as FileExtent;
    if (extent.ino !== this.ino || block >= extent.end) return undefined;
    this.#last = extent;
    this.#lastVersion = tree.version;
    return extent;
  }

  /** Items that meet [first, end), ascending. */
  itemsIn(first: Pages, end: Pages): FileExtent[] {
    return [...this.itemsFrom(first, end)];
  }

  /** Items from a block on, ascending, one at a time. Nothing may change meanwhile. */
  *itemsFrom(first: Pages, end: Pages = FILE_BLOCKS_MAX): Generator<FileExtent, void, undefined> {
    const from = this.itemAt(first)?.fileBlock ?? first;
    for (const item of this.subvolume.tree.range(this.#key(from), this.#key(0) + end)) {
      if (item.kind === "extent") yield item as FileExtent;
    }
  }

  /** The data of a file so small that it lies in the tree: such a file has one block and no extent. */
  get inline(): InlineExtent | undefined {
    const item = this.subvolume.tree.get(this.#key(0));
    return item?.kind === "inline" ? (item as InlineExtent) : undefined;
  }

  insertInline(item: InlineExtent): void {
    this.extentCount++;
    this.subvolume.tree.insert(item);
  }

  items(): FileExtent[] {
    return [...this.itemsFrom(0)];
  }

  /** Adds an item; the range must be a hole. */
  insert(item: FileExtent): void {
    this.extentCount++;
    this.subvolume.tree.insert(item);
  }

  delete(item: FileExtent): void {
    this.extentCount--;
    this.subvolume.tree.delete(item);
  }

  /** Joins the item at a block with neighbours that continue it in the same extent (btrfs_mark_extent_written). */
  mergeAround(block: Pages): void {
    const item = this.itemAt(block);
    if (!item) return;
    const before = item.fileBlock > 0 ? this.itemAt(item.fileBlock - 1) : undefined;
    const after = this.itemAt(item.end);
    const joinsBefore = before?.continuesIn(item) === true;
    const joinsAfter = after !== undefined && item.continuesIn(after);
    if (!joinsBefore && !joinsAfter) return;
    const first = joinsBefore ? before : item;
    const last = joinsAfter ? after : item;
    const joined = new FileExtent(
      this.ino,
      first.fileBlock,
      last.end - first.fileBlock,
      item.extent,
      first.offset,
      item.prealloc,
    );
    this.subvolume.tree.replace(first, joined);
    if (joinsBefore) this.delete(item);
    if (joinsAfter) this.delete(after);
  }

  /** btrfs_drop_extents: [first, end) becomes a hole; items at the edges are split. */
  punch(first: Pages, end: Pages): void {
    const inline = first === 0 ? this.inline : undefined;
    if (inline) {
      this.extentCount--;
      this.subvolume.tree.delete(inline);
    }
    for (const item of this.itemsIn(first, end)) {
      if (item.end > end) this.insert(item.slice(end, item.end));
      if (item.fileBlock < first) this.subvolume.tree.replace(item, item.slice(item.fileBlock, first));
      else this.delete(item);
    }
  }

  /** [first, end) of one preallocated item has been written: that part is an ordinary one from now on. */
  markWritten(item: FileExtent, first: Pages, end: Pages): void {
    if (item.end > end) this.insert(item.slice(end, item.end));
    const written = item.slice(first, end, false);
    if (item.fileBlock < first) {
      this.subvolume.tree.replace(item, item.slice(item.fileBlock, first));
      this.insert(written);
    } else {
      this.subvolume.tree.replace(item, written);
    }
  }

  #key(block: Pages): number {
    return treeKey(this.ino, ItemType.ExtentData, 0) + block;
  }
}
