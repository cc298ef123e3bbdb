import type { OwnerId } from "../../block/index.ts";
import { type Engine, type Pages, RwLock } from "../../engine/index.ts";
import type { FileHandle } from "../file-handle.ts";
import { type BlockUsers, ExtentMap } from "./extents.ts";

/** An inode of a regular file, and the handle others hold. */
export class Ext4File implements FileHandle {
  /** The first name; the last one it had if it has none left. */
  path: string;
  readonly owner: OwnerId;
  size: Pages;
  readonly extents: ExtentMap;
  readonly #engine: Engine;
  /** i_rwsem: readers and overwrites share it, everything that changes the mapping excludes them. */
  lock: RwLock;
  /** S_SWAPFILE: swap has written the blocks down, so nobody may change the file. */
  isActiveSwap = false;
  /** chattr letters that are set. */
  readonly flags: Set<string> = new Set();
  /** All its names; one of them is `path`. */
  readonly names: Set<string> = new Set();
  /** Has a name. A donor of e4defrag never has; its blocks are found by fsck only. */
  linked = true;

  constructor(engine: Engine, path: string, owner: OwnerId, size: Pages, users: BlockUsers) {
    this.path = path;
    this.names.add(path);
    this.owner = owner;
    this.size = size;
    this.extents = new ExtentMap(this, users);
    this.#engine = engine;
    this.lock = new RwLock(engine, `inode lock of ${path}`);
  }

  /** Whoever held the lock is gone. */
  renewLock(): void {
    this.lock = new RwLock(this.#engine, `inode lock of ${this.path}`);
  }
}
