import type { Gfp } from "../../../block/index.ts";
import { type Actor, type Holdable, mix, RwLock, WaitQueue } from "../../../engine/index.ts";
import type { AllocationSite } from "../../filesystem-memory.ts";
import type { FsInfo } from "../fs-info.ts";
import type { Inode } from "../inode.ts";
import type { InodeMutex } from "./inode-mutex.ts";
import { JournalInfo } from "./journal-info.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/** Work for the endio-write workqueue. */
export type Work = () => Actor;

/** What the 2014 series adds to a mounted filesystem. Nothing of it is used while no swap file of the series is active. */
export class SeriesState {
  readonly files: Map<Inode, SwapFile2014> = new Map();
  /** Of files whose swapon goes on: it holds their i_mutex in place of i_rwsem, whatever becomes of the activation. */
  readonly activating: Map<Inode, InodeMutex> = new Map();
  /** Read and write locks of tree nodes, all as one lock: a writer that needs memory holds back every search. */
  readonly nodeLocks: RwLock & Holdable;
  readonly journal: JournalInfo = new JournalInfo();
  readonly #info: FsInfo;
  readonly #work: Work[] = [];
  readonly #wanted: WaitQueue;
  #started = false;

  constructor(info: FsInfo) {
    const { engine } = info.context;
    this.#info = info;
    this.nodeLocks = new RwLock(engine, "tree node locks");
    this.#wanted = new WaitQueue(engine, "btrfs-endio-write");
  }

  /**
   * Memory for a structure, while a swap file of the series is active; its swap-out may run in the caller. False: there
   * is none. Costs nothing otherwise.
   */
  *allocate(site: AllocationSite, gfp: Gfp = "GFP_NOFS"): Actor<boolean> {
    const { memory } = this.#info.context;
    if (!memory || this.files.size === 0) return true;
    return yield* memory.allocate(site, gfp);
  }

  /** Pages of a file leave the page cache again, and its extent maps with them (try_release_extent_mapping). */
  dropMaps(inode: Inode): void {
    const file = this.files.get(inode);
    if (file) file.cachedMaps = new Set();
  }

  /** Hands work to the endio-write worker. One worker, because the order of completions is of no interest. */
  queue(work: Work): void {
    if (!this.#started) {
      this.#started = true;
      this.#info.context.engine.spawn("btrfs-endio-write", this.#worker(), {
        daemon: true,
        inside: "filesystem",
      });
    }
    this.#work.push(work);
    this.#wanted.wakeAll();
  }

  /** The committer changes nodes: it holds their locks while it asks for memory (D8). */
  *commitNodes(): Actor {
    if (this.files.size === 0) return;
    const isNested = this.journal.isOpen(this.#info);
    if (!isNested) this.journal.open(this.#info);
    yield* this.nodeLocks.lockExclusive("btrfs_tree_lock (commit)");
    yield* this.allocate("page for a COWed node");
    this.nodeLocks.unlockExclusive();
    if (!isNested) yield* this.journal.end(this.#info);
  }

  /**
   * A pending snapshot is made where nobody can join, after the delayed references: a write that was decided on in time
   * has reached the device, unless it was held up (L10).
   */
  *inCriticalSection<Result>(run: () => Result): Actor<Result> {
    if (this.files.size === 0) return run();
    const { transactions, context, costs } = this.#info;
    transactions.blocked = true;
    yield* context.processors.run("create_pending_snapshots", costs.btrfsCommit);
    const result = run();
    transactions.blocked = false;
    transactions.unblocked.wakeAll();
    return result;
  }

  /** btrfs_wait_ordered_roots: sync, snapshot and balance wait until every write has been completed. */
  *waitOrdered(label: string): Actor {
    for (const file of this.files.values()) {
      for (const ordered of [...file.ordered.values()]) {
        if (file.ordered.get(ordered.block) === ordered) yield* ordered.wait(label);
      }
    }
  }

  /** Runs an operation that first waits for all writes under way. */
  *afterOrdered<Result>(label: string, run: Actor<Result>): Actor<Result> {
    yield* this.waitOrdered(label);
    return yield* run;
  }

  /** What decides about the next step besides extents and groups, as a number; 0 while nothing of the series is active. */
  digest(): number {
    let hash = this.files.size === 0 ? 0 : mix(this.files.size, this.#work.length);
    for (const file of this.files.values()) hash = mix(hash, file.digest());
    return hash;
  }

  *#worker(): Actor {
    for (;;) {
      const work = this.#work.shift();
      if (work) yield* work();
      else yield this.#wanted.wait("wait for ended writes");
    }
  }
}
