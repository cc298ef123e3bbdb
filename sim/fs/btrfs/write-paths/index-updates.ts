import {
  type Actor,
  type Duration,
  delay,
  MICROSECOND,
  Mutex,
  mix,
  step,
  WaitQueue,
} from "../../../engine/index.ts";
import type { FsContext } from "../../filesystem.ts";
import { WorkPool } from "./work-pool.ts";
import type { WritePath, WritePathKind } from "./write-path.ts";

/** CPU time of an index update. An estimate: 5 us. */
const UPDATE_CPU: Duration = 5 * MICROSECOND;
/** Writing a node so that its journal entries can go. An estimate: one write of an SSD, 100 us. */
const NODE_WRITE: Duration = 100 * MICROSECOND;

/**
 * The write path of bcachefs: when the data is on disk a worker puts the new place into the B-tree. For that it needs an
 * entry of the journal, the lock of the node, and memory, in this order (KB-23). Entries come free when journal reclaim
 * has written their node, under the same lock.
 */
class IndexUpdates implements WritePath {
  readonly #context: FsContext;
  readonly #pool: WorkPool;
  readonly #node: Mutex;
  readonly #entriesFree: WaitQueue;
  readonly #entriesWanted: WaitQueue;
  #entries: number;

  constructor(context: FsContext, workers: number, journalEntries: number) {
    const { engine } = context;
    this.#context = context;
    this.#pool = new WorkPool(engine, "bcachefs_btree_update", workers);
    this.#node = new Mutex(engine, "the lock of a btree node");
    this.#entriesFree = new WaitQueue(engine, "journal entries");
    this.#entriesWanted = new WaitQueue(engine, "bch-reclaim");
    this.#entries = journalEntries;
    engine.spawn("bch-reclaim", this.#reclaimJournal(journalEntries), { daemon: true, inside: "filesystem" });
  }

  *carry<Result>(write: Actor<Result>): Actor<Result> {
    const result = yield* write;
    yield* this.#pool.do(() => this.#update());
    return result;
  }

  digest(): number {
    return mix(this.#entries, this.#pool.queued);
  }

  /** The page-out that is waited for gives memory back, so its worker may use the last of it (PF_MEMALLOC). */
  *#update(): Actor {
    const { memory, faults } = this.#context;
    while (this.#entries === 0) {
      this.#entriesWanted.wakeAll();
      yield this.#entriesFree.wait("bch2_journal_res_get");
    }
    this.#entries--;
    yield* this.#node.lock("six_lock_intent");
    const change = this.#changeNode();
    if (memory && faults?.has("reclaimInSwapRw") !== true) yield* memory.asReclaimer(change);
    else yield* change;
    this.#node.unlock();
  }

  *#changeNode(): Actor {
    const { memory, processors, engine } = this.#context;
    if (engine.exploring) yield step("bch2_btree_update (allocate)", this.#node);
    if (memory) yield* memory.allocatePage("btree key cache", "GFP_NOFS");
    yield* processors.run("bch2_btree_insert_key", UPDATE_CPU);
  }

  *#reclaimJournal(journalEntries: number): Actor {
    for (;;) {
      yield this.#entriesWanted.wait("bch2_journal_reclaim_thread");
      yield* this.#node.lock("six_lock_intent (journal reclaim)");
      yield delay("bch2_btree_node_write", NODE_WRITE);
      this.#node.unlock();
      this.#entries = journalEntries;
      this.#entriesFree.wakeAll();
    }
  }
}

export const bcachefs: WritePathKind = {
  name: "bcachefs",
  summary: "Workers enter every page-out in an index, with entries of a journal.",
  source: "fs/bcachefs: bch2_btree_update, bch2_journal_res_get, journal reclaim",
  parameters: {},
  open: (context, workers, room) => new IndexUpdates(context, workers, room),
};
