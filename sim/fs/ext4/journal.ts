import { Bio, type BlockDevice, HistoryVerb, type OwnerId } from "../../block/index.ts";
import { type Actor, type Duration, type Engine, Mutex, WaitQueue } from "../../engine/index.ts";
import type { BlockRun, FreeSpace } from "../free-space.ts";

/** Blocks that were freed, and what they were. */
export interface FreedBlocks extends BlockRun {
  readonly owner: OwnerId;
  /** The owner's number of the first of them. */
  readonly index: number;
}

/**
 * The journal as far as contents can tell: blocks freed in a transaction may not be reused before it is committed
 * (data=ordered keeps them in the transaction's list, ext4_process_freed_data after the commit). What jbd2 writes to
 * its own blocks is left out: it lies in a fixed place and moves nothing; a commit costs one flush of the device.
 */
export class Journal {
  readonly #engine: Engine;
  readonly #device: BlockDevice;
  readonly #free: FreeSpace;
  readonly #interval: Duration;
  /** Called when a transaction is closed; what it returns is called when that transaction is on disk. */
  readonly #capture: () => () => void;
  #begun: WaitQueue;
  #barrier: Mutex;
  /** Number of the running transaction. */
  #transaction = 1;
  /** When the running transaction is old enough; undefined while nothing has joined it. */
  #expires: number | undefined;
  #freed: FreedBlocks[] = [];
  #committing: readonly FreedBlocks[] = [];
  #pinned = 0;
  #isAborted = false;

  constructor(
    engine: Engine,
    device: BlockDevice,
    free: FreeSpace,
    options: { readonly interval: Duration; readonly capture: () => () => void },
  ) {
    this.#engine = engine;
    this.#device = device;
    this.#free = free;
    this.#interval = options.interval;
    this.#capture = options.capture;
    this.#begun = new WaitQueue(engine, "transaction");
    this.#barrier = new Mutex(engine, "j_barrier");
  }

  /** Blocks that wait for a commit. */
  get pinned(): number {
    return this.#pinned;
  }

  /** The runs that wait for a commit, for maps and the recount. */
  waiting(): readonly FreedBlocks[] {
    return [...this.#committing, ...this.#freed];
  }

  /** A change of metadata joins the running transaction (ext4_journal_start). */
  start(): void {
    if (this.#expires !== undefined) return;
    this.#expires = this.#engine.now + this.#interval;
    this.#begun.wakeAll();
  }

  /** The blocks become free when the running transaction is committed (ext4_free_blocks). */
  free(blocks: FreedBlocks): void {
    this.start();
    this.#freed.push(blocks);
    this.#pinned += blocks.count;
    this.#note(HistoryVerb.Freed, blocks);
  }

  /** kjournald2: commits each transaction when it is old enough. */
  *commitDaemon(): Actor {
    for (;;) {
      if (this.#expires === undefined) yield this.#begun.wait("kjournald2: wait for a transaction");
      const transaction = this.#transaction;
      const age = Math.max(0, (this.#expires ?? this.#engine.now) - this.#engine.now);
      yield* this.#begun.waitFor("kjournald2: commit interval", age);
      if (this.#transaction === transaction) yield* this.commit();
    }
  }

  /** jbd2_journal_abort: nothing becomes durable any more. */
  abort(): void {
    this.#isAborted = true;
  }

  /** jbd2_journal_commit_transaction: makes everything up to now durable, then what was freed reusable. */
  *commit(): Actor {
    yield* this.#barrier.lock("jbd2_log_wait_commit");
    if (this.#isAborted) {
      this.#expires = undefined;
      this.#barrier.unlock();
      return;
    }
    this.#committing = this.#freed;
    this.#freed = [];
    this.#expires = undefined;
    this.#transaction++;
    const committed = this.#capture();
    yield* this.#device.submitAndWait(new Bio("flush", 0, 0), "jbd2: flush the device");
    committed();
    for (const blocks of this.#committing) {
      this.#free.give(blocks.block, blocks.count);
      this.#pinned -= blocks.count;
      this.#note(HistoryVerb.Unpinned, blocks);
    }
    this.#committing = [];
    this.#barrier.unlock();
  }

  /** Power was lost: what waited for a commit never was, and whoever held or awaited something is gone. */
  crash(): void {
    this.#begun = new WaitQueue(this.#engine, "transaction");
    this.#barrier = new Mutex(this.#engine, "j_barrier");
    this.#freed = [];
    this.#committing = [];
    this.#pinned = 0;
    this.#expires = undefined;
    this.#transaction++;
    this.#isAborted = false;
  }

  #note(verb: number, { block, count, owner, index }: FreedBlocks): void {
    this.#device.history.note(this.#engine.now, verb, block, count, owner, index);
  }
}
