import type { Engine } from "../../engine/index.ts";
import type { Ctree } from "./ctree.ts";
import { DrewLock } from "./drew-lock.ts";
import type { Inode } from "./inode.ts";
import { type InodeFlags, InodeItem, ItemType, ROOT_DIRECTORY, treeKey } from "./tree-item.ts";

/** Id of the top-level subvolume (BTRFS_FS_TREE_OBJECTID) and of the first one a user makes. */
export const TOP_LEVEL = 5;
export const FIRST_SUBVOLUME = 256;

/** A subvolume: a tree of files that can be snapshotted as a whole (struct btrfs_root). */
export class Subvolume {
  readonly id: number;
  /** Where it is in the one tree of paths: "/" or "/snap". */
  readonly path: string;
  readonly tree: Ctree;
  readOnly: boolean;
  /** Its files by inode number, and by name below `path`. */
  readonly inodes: Map<number, Inode> = new Map();
  readonly names: Map<string, Inode> = new Map();
  /** Transaction of the last snapshot of it: extents written up to then may be shared (last_snapshot). */
  lastSnapshot = 0;
  /** Sends that read it, and deduplications into it (send_in_progress, dedupe_in_progress). */
  sends = 0;
  dedupes = 0;
  /** Active swap files that the filesystem pinned (nr_swapfiles). */
  swapFiles = 0;
  /** Snapshots read; swap activation and writes in place write (snapshot_lock). */
  snapshotLock: DrewLock;
  /** Somebody deletes it: it takes no new swap file (BTRFS_ROOT_SUBVOL_DEAD). */
  beingDeleted = false;
  /** Deleted; the cleaner has not dropped the tree yet (refs 0). */
  dead = false;
  /** The deletion is on disk: the cleaner may begin. */
  deletionCommitted = false;
  nextIno = 257;
  nextIndex = 2;

  readonly #engine: Engine;

  constructor(engine: Engine, shape: { id: number; path: string; readOnly: boolean; tree: Ctree }) {
    this.#engine = engine;
    this.id = shape.id;
    this.path = shape.path;
    this.readOnly = shape.readOnly;
    this.tree = shape.tree;
    this.snapshotLock = this.#newLock();
  }

  #newLock(): DrewLock {
    return new DrewLock(this.#engine, `snapshot_lock of ${this.path}`);
  }

  /** A snapshot of it is being made: nothing is written in place (snapshot_force_cow). */
  get snapshotting(): boolean {
    return this.snapshotLock.isRead;
  }

  /** Flags and property of its top directory: a snapshot has them too, files made in it inherit them. */
  get directoryFlags(): InodeFlags {
    return this.#directory.flags;
  }

  set directoryFlags(flags: InodeFlags) {
    this.tree.replace(this.#directory, new InodeItem(ROOT_DIRECTORY, 0, flags));
  }

  get #directory(): InodeItem {
    return this.tree.get(treeKey(ROOT_DIRECTORY, ItemType.InodeItem, 0)) as InodeItem;
  }

  /** A power loss: nobody who used it goes on. */
  abandon(): void {
    this.snapshotLock = this.#newLock();
    this.swapFiles = 0;
    this.sends = 0;
    this.dedupes = 0;
    this.beingDeleted = this.dead;
  }

  /** A swap file keeps its inode, and that keeps the tree of a deleted subvolume (btrfs_add_dead_root comes later). */
  get isHeld(): boolean {
    for (const inode of this.inodes.values()) if (inode.isSwapFile) return true;
    return false;
  }

  /** True if a path lies in this subvolume's part of the tree. */
  covers(path: string): boolean {
    return this.path === "/" || path === this.path || path.startsWith(`${this.path}/`);
  }

  /** A full path as a name in this subvolume. */
  nameOf(path: string): string {
    return this.path === "/" ? path : path.slice(this.path.length);
  }

  pathOf(name: string): string {
    return this.path === "/" ? name : this.path + name;
  }
}
