import {
  type Actor,
  type Engine,
  type Holdable,
  type Process,
  removeAt,
  step,
  WaitQueue,
} from "../../engine/index.ts";

/**
 * btrfs_drew_lock: any number of writers or any number of readers, never both. Readers come first: one that waits keeps
 * new writers out. The snapshot lock of a subvolume is one: snapshots read; whoever writes blocks in place, or hands them
 * out to swap, writes.
 */
export class DrewLock implements Holdable {
  readonly name: string;
  readonly #engine: Engine;
  readonly #writers: Process[] = [];
  readonly #drained: WaitQueue;
  readonly #unread: WaitQueue;
  #readers = 0;

  constructor(engine: Engine, name: string) {
    this.name = name;
    this.#engine = engine;
    this.#drained = new WaitQueue(engine, name);
    this.#unread = new WaitQueue(engine, name);
  }

  /** Those whom a waiting reader waits for. */
  holders(): readonly Process[] {
    return this.#writers;
  }

  /** Readers hold it or wait for it. */
  get isRead(): boolean {
    return this.#readers > 0;
  }

  /** btrfs_drew_try_write_lock: false if there are readers, those who wait included. */
  tryWriteLock(): boolean {
    if (this.#readers > 0) return false;
    this.#writers.push(this.#engine.current);
    return true;
  }

  /** btrfs_drew_write_lock. */
  *writeLock(label: string): Actor {
    while (!this.tryWriteLock()) yield this.#unread.wait(label, this);
  }

  writeUnlock(): void {
    removeAt(this.#writers, this.#writers.indexOf(this.#engine.current));
    if (this.#writers.length === 0) this.#drained.wakeAll();
  }

  /** btrfs_drew_read_lock. */
  *readLock(label: string): Actor {
    if (this.#engine.exploring) yield step(label, this);
    this.#readers++;
    while (this.#writers.length > 0) yield this.#drained.wait(label, this);
  }

  readUnlock(): void {
    this.#readers--;
    if (this.#readers === 0) this.#unread.wakeAll();
  }
}
