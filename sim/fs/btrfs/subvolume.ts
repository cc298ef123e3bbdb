import type { Inode } from "./inode.ts";

/** A subvolume: a tree of files that can be snapshotted as a whole. */
export class Subvolume {
  readonly id: number;
  /** Where it is mounted in the one tree of paths: "/" or "/snap". */
  readonly path: string;
  readonly readOnly: boolean;
  readonly inodes: Map<string, Inode> = new Map();
  /** Transaction of the last snapshot of it: extents written up to then are shared until written anew. */
  lastSnapshot = 0;
  /** Active swap files that the filesystem pinned (nr_swapfiles). */
  swapFiles = 0;
  /** A snapshot of it is being made. */
  snapshotting = false;

  constructor(id: number, path: string, readOnly: boolean) {
    this.id = id;
    this.path = path;
    this.readOnly = readOnly;
  }

  /** True if a path lies in this subvolume's part of the tree. */
  covers(path: string): boolean {
    return this.path === "/" || path === this.path || path.startsWith(`${this.path}/`);
  }
}
