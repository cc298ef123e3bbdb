import { type Actor, type Engine, type Holdable, RwLock } from "../../engine/index.ts";

/**
 * i_rwsem of an NFS file as fs/nfs/io.c uses it: readers and writers through the page cache, or direct I/O, but not both
 * at a time. Who finds the file in the other mode takes the lock for himself to change it.
 */
export class InodeLock {
  readonly #lock: RwLock & Holdable;
  mode: "buffered" | "direct" = "buffered";

  constructor(engine: Engine, path: string) {
    this.#lock = new RwLock(engine, `i_rwsem of ${path}`);
  }

  /** nfs_start_io_read. */
  startRead(): Actor {
    return this.#start("buffered", "nfs_start_io_read");
  }

  /** nfs_start_io_direct. */
  startDirect(): Actor {
    return this.#start("direct", "nfs_start_io_direct");
  }

  /** inode_lock: nobody else in either mode. What comes back gives it up. */
  *alone(label: string): Actor<() => void> {
    yield* this.#lock.lockExclusive(label);
    return () => this.#lock.unlockExclusive();
  }

  end(): void {
    this.#lock.unlockShared();
  }

  *#start(mode: "buffered" | "direct", label: string): Actor {
    for (;;) {
      yield* this.#lock.lockShared(label);
      if (this.mode === mode) return;
      this.#lock.unlockShared();
      yield* this.#lock.lockExclusive(label);
      this.mode = mode;
      this.#lock.unlockExclusive();
    }
  }
}
