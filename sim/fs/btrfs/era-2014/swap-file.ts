import { type Actor, Mutex, mix, type Process, WaitQueue } from "../../../engine/index.ts";
import type { SeriesOptions } from "../../series-2014.ts";
import type { BlockGroup } from "../block-group.ts";
import type { Reservation } from "../find-free-extent.ts";
import type { FsInfo } from "../fs-info.ts";
import type { Inode } from "../inode.ts";
import { InodeMutex } from "./inode-mutex.ts";
import { type InodeLocking, inodeLocking } from "./locking.ts";

/** A write whose data is under way or on the device and whose items are not updated yet (btrfs_ordered_extent). */
export class OrderedExtent {
  readonly block: number;
  readonly group: BlockGroup;
  /** New space that becomes an extent at the end; undefined if the block was written in place. */
  readonly placed: Reservation | undefined;
  /** The worker that completes it. */
  worker: Process | undefined;
  /** Set if its completion was skipped (L7). */
  abandoned: string | undefined;
  readonly #ended: WaitQueue;

  constructor(info: FsInfo, shape: { block: number; group: BlockGroup; placed: Reservation | undefined }) {
    this.block = shape.block;
    this.group = shape.group;
    this.placed = shape.placed;
    this.#ended = new WaitQueue(info.context.engine, `ordered extent of block ${shape.block}`);
  }

  get name(): string {
    return this.#ended.name;
  }

  /** Those who must go on before it ends. */
  holders(): readonly Process[] {
    return this.worker ? [this.worker] : [];
  }

  /** btrfs_start_ordered_extent: until the worker has completed it. */
  *wait(label: string): Actor {
    yield this.#ended.wait(label, this);
  }

  complete(): void {
    this.#ended.wakeAll();
  }
}

/** A file that is, or is about to be, an active swap file of the series. */
export class SwapFile2014 {
  readonly inode: Inode;
  readonly options: SeriesOptions;
  readonly iMutex: InodeMutex;
  readonly locking: InodeLocking;
  /** Held over the reservation of metadata (delalloc_mutex). */
  readonly delallocMutex: Mutex;
  /** Extents whose maps are in memory, by file block; undefined: all of them, as swapon has loaded them. */
  cachedMaps: Set<number> | undefined;
  /** Ordered extents by file block. */
  readonly ordered: Map<number, OrderedExtent> = new Map();

  constructor({ context }: FsInfo, inode: Inode, options: SeriesOptions) {
    const debug = context.faults?.has("debugMutexes") === true;
    this.inode = inode;
    this.options = options;
    this.locking = inodeLocking(context.faults);
    this.iMutex = new InodeMutex(context.engine, `i_mutex of ${inode.path}`, debug);
    this.delallocMutex = new Mutex(context.engine, `delalloc_mutex of ${inode.path}`);
  }

  /** A write under way to blocks [first, end). */
  orderedIn(first: number, end: number): OrderedExtent | undefined {
    for (const [block, ordered] of this.ordered) if (block >= first && block < end) return ordered;
    return undefined;
  }

  /** Equal numbers, equal state: writes under way, and i_mutex, which does not follow from where its users stand. */
  digest(): number {
    let hash = this.iMutex.digest();
    for (const { block, placed, abandoned } of this.ordered.values()) {
      hash = mix(hash, mix(block, mix(placed?.start ?? 0, abandoned === undefined ? 0 : 1)));
    }
    return hash;
  }
}
