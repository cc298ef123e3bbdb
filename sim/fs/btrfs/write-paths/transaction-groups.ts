import {
  type Actor,
  type Duration,
  delay,
  type Holdable,
  MILLISECOND,
  mix,
  type Pages,
  type Process,
  step,
  WaitQueue,
} from "../../../engine/index.ts";
import type { FsContext } from "../../filesystem.ts";
import { WorkPool } from "./work-pool.ts";
import type { WritePath, WritePathKind } from "./write-path.ts";

/** Writing a transaction group. An estimate: a few writes and flushes of an SSD, 2 ms. */
const SYNC_TIME: Duration = 2 * MILLISECOND;

/** A transaction group: those who write in it, and their pages. */
class Group implements Holdable {
  readonly name: string;
  readonly writers: Process[] = [];
  readonly left: WaitQueue;
  dirty: Pages = 0;

  constructor(context: FsContext, number: number) {
    this.name = `transaction group ${number}`;
    this.left = new WaitQueue(context.engine, this.name);
  }

  holders(): readonly Process[] {
    return this.writers;
  }
}

/**
 * The write path of a ZFS volume: a page-out is a transaction of the open group. When the group has as much dirty data as
 * it may, the quiesce thread closes it, waits until its writers have left, and lets it be synced; later writers wait for
 * the next one (KB-26).
 */
class TransactionGroups implements WritePath, Holdable {
  readonly name = "the next transaction group";
  readonly #context: FsContext;
  readonly #pool: WorkPool;
  readonly #dirtyMax: Pages;
  readonly #opened: WaitQueue;
  readonly #wanted: WaitQueue;
  readonly #quiesce: Process;
  #number = 1;
  #open: Group;

  constructor(context: FsContext, workers: number, dirtyMax: Pages) {
    const { engine } = context;
    this.#context = context;
    this.#dirtyMax = dirtyMax;
    this.#pool = new WorkPool(engine, "zvol", workers);
    this.#opened = new WaitQueue(engine, "txg_wait_open");
    this.#wanted = new WaitQueue(engine, "txg_quiesce");
    this.#open = new Group(context, this.#number);
    this.#quiesce = engine.spawn("txg_quiesce", this.#quiesceAndSync(), {
      daemon: true,
      inside: "filesystem",
    });
  }

  /** Who must act before the next group is open. */
  holders(): readonly Process[] {
    return [this.#quiesce];
  }

  *carry<Result>(write: Actor<Result>): Actor<Result> {
    let result: { readonly of: Result } | undefined;
    const transaction = this.#transaction(write, (of) => {
      result = { of };
    });
    yield* this.#pool.do(() => transaction);
    return result!.of;
  }

  digest(): number {
    const { dirty, writers } = this.#open;
    return mix(mix(dirty, writers.length), this.#pool.queued);
  }

  /** dmu_tx_assign to dmu_tx_commit. Whoever holds a group does not reclaim (spl_fstrans_mark). */
  *#transaction<Result>(write: Actor<Result>, end: (result: Result) => void): Actor {
    const { memory, faults, engine } = this.#context;
    const group = yield* this.#assign();
    const change = this.#changeBuffers();
    if (memory && faults?.has("reclaimInTxg") !== true) yield* memory.asReclaimer(change);
    else yield* change;
    end(yield* write);
    group.writers.splice(group.writers.indexOf(engine.current), 1);
    if (group.writers.length === 0) group.left.wakeAll();
  }

  /** dmu_tx_wait, txg_hold_open. */
  *#assign(): Actor<Group> {
    while (this.#open.dirty >= this.#dirtyMax) {
      this.#wanted.wakeAll();
      yield this.#opened.wait("txg_wait_open", this);
    }
    this.#open.dirty++;
    this.#open.writers.push(this.#context.engine.current);
    return this.#open;
  }

  *#changeBuffers(): Actor {
    const { memory, engine } = this.#context;
    if (engine.exploring) yield step("dmu_buf_will_dirty (allocate)", this.#open);
    if (memory) yield* memory.allocatePage("dbuf", "GFP_NOFS");
  }

  *#quiesceAndSync(): Actor {
    for (;;) {
      yield this.#wanted.wait("txg_quiesce_thread");
      const closed = this.#open;
      while (closed.writers.length > 0) yield closed.left.wait("txg_quiesce (cv_wait)", closed);
      yield delay("spa_sync", SYNC_TIME);
      this.#open = new Group(this.#context, ++this.#number);
      this.#opened.wakeAll();
    }
  }
}

export const zfs: WritePathKind = {
  name: "zfs",
  summary: "Page-outs to a ZFS volume are transactions of groups that open, quiesce and sync.",
  source: "OpenZFS: dmu_tx_assign, txg_wait_open, txg_quiesce_thread",
  parameters: {},
  open: (context, workers, room) => new TransactionGroups(context, workers, room),
};
