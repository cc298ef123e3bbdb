import { type Actor, delay } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { evictInode } from "./orphans.ts";

/**
 * A queue of files that lost their last name and still hold their blocks, as xfs has it (inodegc): a worker takes them
 * some time later. Whoever wants to know what is shared has to empty it first.
 */
export class Inactivation {
  readonly #info: FsInfo;
  readonly #queue: Inode[] = [];
  #hasWorker = false;

  constructor(info: FsInfo) {
    this.#info = info;
  }

  /** xfs_inodegc_queue. */
  add(inode: Inode): void {
    this.#queue.push(inode);
    if (this.#hasWorker) return;
    this.#hasWorker = true;
    this.#info.context.engine.spawn("inodegc", this.#work());
  }

  /** xfs_inodegc_flush: nothing is in the queue afterwards. */
  *flush(): Actor {
    for (let inode = this.#queue.shift(); inode; inode = this.#queue.shift()) {
      yield* evictInode(this.#info, inode);
    }
  }

  /** The power was lost: the files come back with the last commit, or are gone with it. */
  forget(): void {
    this.#queue.length = 0;
    this.#hasWorker = false;
  }

  *#work(): Actor {
    yield delay("inodegc", this.#info.options.deferredFree);
    this.#hasWorker = false;
    yield* this.flush();
  }
}
