import type { OwnerId } from "../../block/index.ts";
import type { Engine, Pages } from "../../engine/index.ts";
import { Inode } from "../vfs/index.ts";
import { type BlockUsers, ExtentMap } from "./extents.ts";

/** An inode of a regular file. A donor of e4defrag never has a name; its blocks are found by fsck only. */
export class Ext4File extends Inode {
  readonly extents: ExtentMap;

  constructor(engine: Engine, path: string, owner: OwnerId, size: Pages, users: BlockUsers) {
    super(engine, path, owner, size);
    this.extents = new ExtentMap(this, users);
  }
}
