import { Bio, HistoryVerb, type OwnerId } from "../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  type Duration,
  delay,
  Mutex,
  type Pages,
  probe,
} from "../../engine/index.ts";
import type { BlockGroup } from "./block-group.ts";
import { COMMIT_CPU } from "./costs.ts";
import type { FsInfo } from "./fs-info.ts";
import { SUPER_BLOCK } from "./volumes.ts";

interface PinnedRange {
  readonly group: BlockGroup;
  readonly start: BlockNumber;
  readonly count: Pages;
  /** Whose it was, and which part, for histories. */
  readonly lastOwner: OwnerId;
  readonly index: number;
}

const hitDelayed = probe("blocks are freed long before the commit makes them reusable");

/**
 * The running transaction and its end. Space freed in a transaction is pinned: it can be reused only after the commit
 * has reached the disk (btrfs_finish_extent_commit). That delay is what hides the damage of a stale block list.
 */
export class Transactions {
  /** Number of the running transaction; mkfs was the first. */
  generation = 2;
  /** A commit failed for lack of metadata space: the filesystem is read-only from then on. */
  aborted = false;
  readonly #info: FsInfo;
  readonly #interval: Duration;
  readonly #lock: Mutex;
  #pinned: PinnedRange[] = [];

  constructor(info: FsInfo, interval: Duration) {
    this.#info = info;
    this.#interval = interval;
    this.#lock = new Mutex(info.context.engine, "transaction commit");
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

  /** transaction_kthread: a commit every 30 seconds. */
  *commitDaemon(): Actor {
    for (;;) {
      yield delay("transaction_kthread", this.#interval);
      yield* this.commit();
    }
  }

  /** btrfs_commit_transaction: writes the trees, flushes, writes the super block, then lets freed space go. */
  *commit(): Actor {
    yield* this.#lock.lock("btrfs_commit_transaction");
    const { context, metadata, volumes } = this.#info;
    metadata.touchRoot("root");
    yield* context.processors.run("btrfs_commit_transaction", COMMIT_CPU);
    const bios = metadata.cowDirty();
    if (!bios) this.#abort();
    const ending = this.#pinned;
    this.#pinned = [];
    const removed = volumes.takeRemoved();
    this.generation++;
    for (const bio of bios ?? []) {
      if (!bio.done) yield bio.wait(context.engine, "btrfs_write_and_wait_transaction");
    }
    if (bios) yield* this.#writeSupers();
    this.#finishExtentCommit(ending);
    volumes.release(removed);
    this.#deleteUnusedGroups();
    this.#lock.unlock();
  }

  *#writeSupers(): Actor {
    for (const device of this.#info.volumes.devices) {
      yield* device.submitAndWait(new Bio("flush", 0, 0), "barrier before the super block");
      const generation = this.#info.context.generations.take();
      const content = { generation, owner: 0, index: 0 };
      yield* device.submitAndWait(Bio.writeRun(SUPER_BLOCK, 1, content), "write_dev_supers");
      yield* device.submitAndWait(new Bio("flush", 0, 0), "barrier after the super block");
    }
  }

  #finishExtentCommit(ending: readonly PinnedRange[]): void {
    if (ending.length > 0) hitDelayed();
    const { engine } = this.#info.context;
    for (const { group, start, count, lastOwner, index } of ending) {
      group.pinned -= count;
      group.free.give(start, count);
      for (const { device, block } of group.placesOf(start)) {
        device.history.note(engine.now, HistoryVerb.Unpinned, block, count, lastOwner, index);
      }
    }
  }

  /** btrfs_delete_unused_bgs: empty data groups go, except the last one. */
  #deleteUnusedGroups(): void {
    const { volumes } = this.#info;
    for (const group of volumes.groups()) {
      const others = volumes.groups().filter(({ type }) => type === group.type).length - 1;
      if (group.type !== "data" || others === 0 || group.readOnly || group.free.blocks < group.length)
        continue;
      volumes.removeChunk(group);
    }
  }

  #abort(): void {
    this.aborted = true;
    this.#info.context.log("BTRFS: Transaction aborted (error -28), forced readonly");
  }
}
