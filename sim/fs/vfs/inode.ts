import type { OwnerId } from "../../block/index.ts";
import { type Engine, type Pages, RwLock } from "../../engine/index.ts";
import type { FileHandle } from "../file-handle.ts";

/** What a commit keeps of any inode. */
export interface CommittedInode {
  readonly path: string;
  readonly names: readonly string[];
  readonly flags: readonly string[];
  readonly size: Pages;
}

/** An inode of a regular file as the VFS knows it, and the handle others hold. */
export class Inode implements FileHandle {
  /** The first name; the last one it had if it has none left. */
  path: string;
  readonly owner: OwnerId;
  size: Pages;
  readonly #engine: Engine;
  /** i_rwsem: readers and overwrites share it, everything that changes the mapping excludes them. */
  lock: RwLock;
  /** S_SWAPFILE: swap has written the blocks down, so nobody may change the file. */
  isActiveSwap = false;
  /** chattr letters that are set. */
  readonly flags: Set<string> = new Set();
  /** All its names; one of them is `path`. */
  readonly names: Set<string> = new Set();
  /** Has a name. */
  linked = true;

  constructor(engine: Engine, path: string, owner: OwnerId, size: Pages) {
    this.path = path;
    this.names.add(path);
    this.owner = owner;
    this.size = size;
    this.#engine = engine;
    this.lock = new RwLock(engine, `inode lock of ${path}`);
  }

  /** What a commit keeps of it. */
  capture(): CommittedInode {
    return { path: this.path, size: this.size, names: [...this.names], flags: [...this.flags] };
  }

  /** The mount after a power loss: what a commit knew of it. Its lock is new, because nobody released the old one. */
  restore(committed: CommittedInode): void {
    this.path = committed.path;
    this.size = committed.size;
    this.linked = true;
    this.isActiveSwap = false;
    this.names.clear();
    for (const name of committed.names) this.names.add(name);
    this.flags.clear();
    for (const flag of committed.flags) this.flags.add(flag);
    this.lock = new RwLock(this.#engine, `inode lock of ${this.path}`);
  }
}
