import { Bio, HistoryVerb, type OwnerId } from "../../block/index.ts";
import {
  type Actor,
  assert,
  type BlockNumber,
  type Duration,
  Mutex,
  type Pages,
  probe,
  sleep,
  WaitQueue,
} from "../../engine/index.ts";
import type { BlockGroup } from "./block-group.ts";
import { SUPER_BLOCKS } from "./device.ts";
import type { FsInfo } from "./fs-info.ts";
import { submitWrite, whenFirstEnds } from "./map-bio.ts";
import { captureCommit } from "./recovery.ts";
import { type MetadataBlock, NODE_BLOCKS, type TreeBlock } from "./tree-block.ts";

interface PinnedRange {
  readonly group: BlockGroup;
  readonly start: BlockNumber;
  readonly count: Pages;
  /** Whose it was, and which part, for histories. */
  readonly lastOwner: OwnerId;
  readonly index: number;
}

/** A node that a commit writes to its new place. */
interface WrittenNode {
  readonly block: MetadataBlock;
  readonly bios: readonly Bio[];
}

const hitDelayed = probe("blocks are freed long before the commit makes them reusable");

/**
 * The running transaction and its end (transaction.c). Space freed in a transaction is pinned: it can be reused only
 * after the commit has reached the disk (btrfs_finish_extent_commit). That delay is what hides the damage of a stale
 * block list.
 */
export class Transactions {
  /** Number of the running transaction; mkfs was the first. */
  generation = 2;
  /** Nodes that the running transaction will write. */
  readonly dirty: Set<MetadataBlock> = new Set();
  /** Entries of delayed references: run in the commit, whose critical section they lengthen. */
  delayedRefs = 0;
  /** A commit is in its critical section: whoever would join waits (TRANS_STATE_COMMIT_DOING). */
  blocked = false;
  readonly unblocked: WaitQueue;
  /** Nodes that the commit that runs is writing. */
  readonly #inFlight = new Set<MetadataBlock>();
  readonly #info: FsInfo;
  readonly #interval: Duration;
  #lock: Mutex;
  #pinned: PinnedRange[] = [];
  /** How to undo, in memory, what a crash before the commit takes back. */
  #undo: (() => void)[] = [];

  constructor(info: FsInfo, interval: Duration) {
    this.#info = info;
    this.#interval = interval;
    this.unblocked = new WaitQueue(info.context.engine, "transaction unblocked");
    this.#lock = this.#newLock();
  }

  #newLock(): Mutex {
    return new Mutex(this.#info.context.engine, "transaction commit");
  }

  get pinnedBlocks(): Pages {
    return this.#info.volumes.groups().reduce((sum, group) => sum + group.pinned, 0);
  }

  /** Space whose last reference is gone. */
  pin(group: BlockGroup, start: BlockNumber, count: Pages, lastOwner: OwnerId, index: number): void {
    if (this.#info.context.faults?.has("reuseBeforeCommit")) {
      group.free.give(start, count);
      return;
    }
    group.pinned += count;
    this.#pinned.push({ group, start, count, lastOwner, index });
  }

  /** Something of the committed state was changed in place; a crash before the commit runs `undo`. */
  undoOnCrash(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** transaction_kthread: a commit every 30 seconds, and a wake-up for the cleaner. Other commits do not wake it. */
  *commitDaemon(): Actor {
    for (;;) {
      yield sleep("transaction_kthread", this.#interval);
      if (this.#info.unmounted || this.#info.frozen) continue;
      yield* this.commit();
      this.#info.cleanerWork.wakeAll();
    }
  }

  /** btrfs_commit_transaction: writes the trees, flushes, writes the super block, then lets freed space go. */
  *commit(): Actor {
    yield* this.#lock.lock("btrfs_commit_transaction");
    if (!this.#info.readOnly) yield* this.#commitLocked();
    this.#lock.unlock();
  }

  /** btrfs_sync_fs: ends the running transaction. A frozen filesystem has none. */
  *sync(): Actor {
    if (!this.#info.frozen) yield* this.commit();
  }

  /** Until no commit is under way. */
  *waitForCommit(): Actor {
    yield* this.#lock.lock("btrfs_wait_for_commit");
    this.#lock.unlock();
  }

  *#commitLocked(): Actor {
    const { context, costs, trees, volumes } = this.#info;
    trees.touchRoot(0);
    const delayed = this.delayedRefs;
    this.delayedRefs = 0;
    yield* this.#info.series.commitNodes();
    this.blocked = true;
    yield* context.processors.run(
      "btrfs_run_delayed_refs",
      costs.btrfsCommit + delayed * costs.btrfsDelayedRef,
    );
    const written = this.#cowDirty();
    this.blocked = false;
    this.unblocked.wakeAll();
    if (!written) {
      this.abort("ENOSPC");
      return;
    }
    const committed = captureCommit(this.#info);
    const ending = this.#pinned;
    this.#pinned = [];
    // What is changed from here on belongs to the next transaction, and is undone by a crash before its commit.
    const undo = this.#undo.length;
    const removed = volumes.takeRemoved();
    this.generation++;
    if (!(yield* context.engine.apart("btrfs_finish_extent_commit", this.#writeOut(written)))) {
      this.abort("EIO");
      return;
    }
    this.#info.committed = committed;
    this.#undo = this.#undo.slice(undo);
    this.#finishExtentCommit(ending);
    volumes.release(removed);
    this.#info.afterCommit();
  }

  /** btrfs_write_and_wait_transaction and write_all_supers; false if a node could not be written in any copy. */
  *#writeOut(written: readonly WrittenNode[]): Actor<boolean> {
    const { engine } = this.#info.context;
    for (const { block, bios } of written) {
      for (const bio of bios) if (!bio.done) yield bio.wait(engine, "btrfs_write_and_wait_transaction");
      // The trees on disk would have a hole.
      if (bios.every(({ status }) => status !== "ok")) return false;
      this.#inFlight.delete(block);
    }
    yield* this.#writeSupers();
    return true;
  }

  /** The node has a new place and its write has not ended: nothing can be read there yet. */
  isInFlight(block: MetadataBlock): boolean {
    return this.#inFlight.has(block);
  }

  /** Before anybody runs: what mkfs and the makers of files did reaches the disk in no time, as after a clean unmount. */
  commitAtMount(): void {
    const { context, volumes } = this.#info;
    for (const block of this.dirty) {
      const placed = this.#placeNode(block);
      assert(placed !== undefined, "a filesystem that was made has room for its trees");
      const { owner, index } = block;
      for (let offset = 0; offset < NODE_BLOCKS; offset++) {
        const group = volumes.groupAt(placed.start + offset);
        for (const { device, block: at } of group.placesOf(placed.start + offset)) {
          device.contents.write(at, placed.generation + offset, owner, index + offset);
        }
      }
      context.observer.wrote(owner, index, NODE_BLOCKS, placed.generation);
    }
    this.dirty.clear();
    this.#undo = [];
    this.generation++;
    this.#info.committed = captureCommit(this.#info);
    this.#finishExtentCommit(this.#pinned.splice(0));
  }

  /**
   * Gives every dirty node a new place and submits its write; the old places are pinned by the transaction that is
   * ending. Atomic, so that what is freed later belongs to the next transaction. The bios of each node; undefined means
   * ENOSPC.
   */
  #cowDirty(): WrittenNode[] | undefined {
    const all: WrittenNode[] = [];
    // Placing a node may make a chunk, which dirties more nodes: a set is walked to its growing end.
    for (const block of this.dirty) {
      const bios = this.#writeNode(block);
      if (!bios) return undefined;
      all.push({ block, bios });
      this.#inFlight.add(block);
    }
    this.dirty.clear();
    return all;
  }

  #writeNode(block: MetadataBlock): Bio[] | undefined {
    const placed = this.#placeNode(block);
    if (!placed) return undefined;
    const { owner, index } = block;
    const { start, generation } = placed;
    const run = { generation, owner, index };
    const bios = submitWrite(this.#info, start, { first: index, count: NODE_BLOCKS, run });
    whenFirstEnds(bios, () => this.#info.context.observer.wrote(owner, index, NODE_BLOCKS, generation));
    return bios;
  }

  /** A new place for a node, and the generation of its bytes there; undefined means ENOSPC. */
  #placeNode(block: MetadataBlock): { readonly start: BlockNumber; readonly generation: number } | undefined {
    const { extents, allocator, context } = this.#info;
    const reservation = allocator.reserveTreeBlock(block.type);
    if (!reservation) return undefined;
    const generation = context.generations.take(NODE_BLOCKS);
    const old = block.extent;
    if (old) {
      extents.free(old, block.owner, block.index);
      this.undoOnCrash(() => {
        block.extent = old;
      });
    }
    const checksums = { first: generation };
    block.extent = extents.insert(reservation, this.generation, { node: block, checksums });
    return { start: reservation.start, generation };
  }

  *#writeSupers(): Actor {
    const { volumes, context } = this.#info;
    for (const { device, missing } of volumes.devices) {
      if (missing) continue;
      yield* device.submitAndWait(new Bio("flush", 0, 0), "barrier before the super block");
      const content = { generation: context.generations.take(), owner: 0, index: 0 };
      yield* device.submitAndWait(Bio.writeRun(SUPER_BLOCKS[0]!, 1, content), "write_dev_supers");
      yield* device.submitAndWait(new Bio("flush", 0, 0), "barrier after the super block");
    }
  }

  #finishExtentCommit(ending: readonly PinnedRange[]): void {
    if (ending.length > 0) hitDelayed();
    for (const { group, start, count, lastOwner, index } of ending) {
      group.pinned -= count;
      group.free.give(start, count);
      if (!group.removed) this.#info.extents.note(HistoryVerb.Unpinned, start, count, lastOwner, index);
      this.#info.spaceFreed(group, start, count);
    }
  }

  /** btrfs_abort_transaction: nothing is written any more; what was committed stays. */
  abort(errno: "ENOSPC" | "EIO"): void {
    const number = errno === "ENOSPC" ? -28 : -5;
    this.#info.forceReadOnly(`Transaction aborted (error ${number})`);
  }

  /** Power was lost: the running transaction never was. Undoes its changes of committed nodes and extents. */
  crash(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    this.#pinned = [];
    this.dirty.clear();
    this.#inFlight.clear();
    this.delayedRefs = 0;
    this.blocked = false;
    this.unblocked.abandon();
    this.#lock = this.#newLock();
  }

  /** A node that nobody points to any more. */
  freeNode(node: TreeBlock): void {
    this.dirty.delete(node);
    const { extent } = node;
    if (!extent) return;
    this.#info.extents.free(extent, node.owner, node.index);
  }
}
