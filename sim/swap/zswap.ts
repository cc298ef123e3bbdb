import type { BlockContent } from "../block/index.ts";
import { type Actor, assert, type Bytes, PAGE_SIZE, type Pages } from "../engine/index.ts";
import type { SwapEntry } from "./swap-area.ts";
import { type Handle, type PagePort, TOO_LARGE, type Zpool, zpools } from "./zpool/index.ts";

/** An entry carries its swap entry in allocators that can be asked to empty a page (struct zswap_header, 6.1). */
const HEADER: Bytes = 8;
/** After the limit was hit, pages are taken again below so much of it (accept_threshold_percent, 6.1). */
const ACCEPT_SHARE = 0.9;

export interface ZswapOptions {
  /** Name of an allocator. */
  readonly zpool: string;
  /** Largest size of the pool in pages (max_pool_percent of memory). */
  readonly maxPages: Pages;
}

/** What a page compresses to: 0 for one that holds a single word again and again, more than a page if it does not. */
export type CompressedSize = Bytes;

/** Bytes of entries are charged to the group whose page it is. */
export interface ObjectCharge {
  charge(owner: number, bytes: Bytes): void;
  uncharge(owner: number, bytes: Bytes): void;
}

/** A page in the pool. Who holds on to one knows its bytes, but not whether they are still those of its slot. */
export interface StoredPage {
  /** Where the pool keeps it; undefined for a page of one repeated word, which needs no room. */
  readonly handle: Handle | undefined;
  readonly length: Bytes;
  readonly owner: number;
  readonly content: BlockContent;
}

/** Counters of /sys/kernel/debug/zswap. */
export interface ZswapStats {
  poolLimitHit: number;
  rejectCompressPoor: number;
  rejectAllocFail: number;
  rejectReclaimFail: number;
  writtenBack: number;
  sameFilled: number;
}

/**
 * zswap of 6.1: pages on their way to a slot are compressed and kept in memory instead. An entry lives until its slot is
 * released or stored again. When the pool is full, new pages go to the disk and the oldest entries are written back.
 */
export class Zswap {
  readonly stats: ZswapStats = {
    poolLimitHit: 0,
    rejectCompressPoor: 0,
    rejectAllocFail: 0,
    rejectReclaimFail: 0,
    writtenBack: 0,
    sameFilled: 0,
  };
  readonly #options: ZswapOptions;
  readonly #pool: Zpool;
  readonly #charge: ObjectCharge;
  readonly #stored = new Map<SwapEntry, StoredPage>();
  readonly #entryOf = new Map<Handle, SwapEntry>();
  /** The limit was hit, and the pool has not become small enough since. */
  #reachedFull = false;
  /** Called when the limit is hit: the oldest entries are to be written back. */
  onFull: () => void = () => {};

  /** Mechanisms broken on purpose. */
  readonly #faults: ReadonlySet<string>;

  constructor(
    options: ZswapOptions,
    port: PagePort,
    charge: ObjectCharge,
    faults: ReadonlySet<string> = new Set(),
  ) {
    this.#options = options;
    this.#faults = faults;
    this.#pool = zpools.require(options.zpool).create(port);
    this.#charge = charge;
  }

  /** Pages of the pool. */
  get pages(): Pages {
    return this.#pool.pages;
  }

  /** zswap_frontswap_store: false if the page has to go to the disk. An older copy for the slot is gone either way. */
  store(entry: SwapEntry, content: BlockContent, length: CompressedSize, owner: number): boolean {
    if (!this.#faults.has("noZswapInvalidate")) this.invalidate(entry);
    if (!this.#accepts()) return false;
    if (length === 0) {
      this.stats.sameFilled++;
      this.#keep(entry, { handle: undefined, length, owner, content });
      return true;
    }
    if (length > PAGE_SIZE) return false;
    const handle = this.#pool.allocate(this.#pool.isEvictable ? length + HEADER : length);
    if (handle < 0) {
      if (handle === TOO_LARGE) this.stats.rejectCompressPoor++;
      else this.stats.rejectAllocFail++;
      return false;
    }
    this.#keep(entry, { handle, length, owner, content });
    return true;
  }

  /** zswap_frontswap_load: what is kept for the slot; the entry stays. Undefined if the page is on disk. */
  load(entry: SwapEntry): BlockContent | undefined {
    return this.#stored.get(entry)?.content;
  }

  /** The page is still what is kept for the slot (zswap_rb_search). */
  keeps(entry: SwapEntry, stored: StoredPage): boolean {
    return this.#stored.get(entry) === stored;
  }

  /** The slot is released, or its entry was written back. */
  invalidate(entry: SwapEntry): void {
    const stored = this.#stored.get(entry);
    if (!stored) return;
    this.#stored.delete(entry);
    this.#charge.uncharge(stored.owner, stored.length);
    if (stored.handle === undefined) return;
    this.#entryOf.delete(stored.handle);
    this.#pool.free(stored.handle);
  }

  /** shrink_worker: the pool empties its oldest page; `writeBack` moves the entry of a slot to the disk, if it can. */
  *shrink(writeBack: (entry: SwapEntry, stored: StoredPage) => Actor<boolean>): Actor {
    const emptied = yield* this.#pool.shrink((handle) => {
      const entry = this.#entryOf.get(handle);
      const stored = entry === undefined ? undefined : this.#stored.get(entry);
      assert(entry !== undefined && stored !== undefined, "an object of the pool belongs to a slot");
      return writeBack(entry, stored);
    });
    if (!emptied) this.stats.rejectReclaimFail++;
  }

  /** The limit test before each store, with its hysteresis. */
  #accepts(): boolean {
    const { maxPages } = this.#options;
    if (this.pages > maxPages) {
      this.stats.poolLimitHit++;
      this.#reachedFull = true;
      this.onFull();
      return false;
    }
    if (this.#reachedFull && this.pages >= Math.floor(maxPages * ACCEPT_SHARE)) return false;
    this.#reachedFull = false;
    return true;
  }

  #keep(entry: SwapEntry, stored: StoredPage): void {
    this.invalidate(entry);
    this.#stored.set(entry, stored);
    if (stored.handle !== undefined) this.#entryOf.set(stored.handle, entry);
    this.#charge.charge(stored.owner, stored.length);
  }
}
