import { type Actor, assert, type Bytes, fail, type Pages } from "../engine/index.ts";
import { SLOT_BATCH, SlotCache } from "./slots/slot-cache.ts";
import { SLOT_BAD, SLOT_COUNT_MASK, SLOT_FREE, SLOT_HAS_CACHE } from "./slots/swap-map.ts";
import { NO_ENTRY, type SwapArea, type SwapEntry } from "./swap-area.ts";

/** What kernel versions differ in. */
export interface SwapRules {
  /** Slots are fetched and given back 64 at a time (since 4.11). */
  readonly slotCache: boolean;
  /** Priority of the first area that is given none. */
  readonly firstPriority: number;
  /** swapon asks whether an area is rotational before the filesystem has told which device it lies on (KB-37). */
  readonly asksRotationalEarly: boolean;
  /** The list of bad pages in a header of the other byte order is turned round before its length is looked at (KB-15). */
  readonly turnsListUnchecked: boolean;
}

/** Who wants to know what the running step touches. */
export interface SwapWatcher {
  /** It looks at a slot, or changes it. */
  slot(entry: SwapEntry): void;
  /** It seeks a free slot, or gives one back. */
  freeSlots(): void;
  /** It looks an area up, or takes one away. */
  areas(changes: boolean): void;
}

/** Kernel memory that was written behind the page of a header. */
export interface Overrun {
  readonly name: string;
  readonly bytes: Bytes;
}

/** 32, less 6 numbers that stand for migration, memory failure and markers (MAX_SWAPFILES, include/linux/swap.h, 6.1). */
const AREAS_MAX = 26;

/** Somebody of the simulated kernel touches memory that was freed: an oops of the process, not an error of ours. */
export class UseAfterFree extends Error {
  override readonly name = "UseAfterFree";
}

/**
 * All swap of the machine: areas by priority, slot allocation, reference counts and the swap cache.
 *
 * A slot is free when nobody refers to it: no page table entry (count) and no frame in the swap cache (has-cache).
 */
export class SwapSpace {
  readonly #areas: SwapArea[] = [];
  readonly rules: SwapRules;
  readonly overruns: Overrun[] = [];
  readonly #cache: SlotCache;
  /** Free slots, as SwapFree reads them: slots in the slot cache count as used (nr_swap_pages). */
  #free: Pages = 0;
  #total: Pages = 0;
  #rotational = 0;
  #nextBase: SwapEntry = 0;
  /** Areas that were switched off: their entries are not used again. */
  readonly #freed: SwapArea[] = [];
  /** Hears what steps look at and change, while a run is explored. */
  watcher: SwapWatcher | undefined;
  /** Hears of each slot that is given back to its area, with its owner. */
  onRelease: (entry: SwapEntry, owner: number) => void = () => {};

  /** `rules` are those of the kernel. */
  constructor(cpus: number, rules: SwapRules) {
    this.rules = rules;
    this.#cache = new SlotCache(cpus, rules.slotCache);
  }

  get free(): Pages {
    return this.#free;
  }

  get total(): Pages {
    return this.#total;
  }

  /** No area can be added any more (MAX_SWAPFILES, with the options of a distribution's 6.1). */
  get isFullOfAreas(): boolean {
    return this.#areas.length >= AREAS_MAX;
  }

  get areas(): readonly SwapArea[] {
    return this.#areas;
  }

  /** Slots with a page behind them: used ones less those that only sit in the slot cache. */
  get used(): Pages {
    return this.#total - this.#free - this.#cache.held;
  }

  /** vm_swap_full: slots are given up early once more than half is used. */
  get isFull(): boolean {
    return this.#free * 2 < this.#total;
  }

  /** Rotational areas, as swapon and swapoff count them (nr_rotate_swap). Any turns VMA readahead off. */
  get rotationalAreas(): number {
    return this.#rotational;
  }

  /** The base of an area that is about to be added. */
  reserveBase(slots: Pages): SwapEntry {
    const base = this.#nextBase;
    this.#nextBase += slots;
    if (this.#nextBase > 0x1000_0000) fail("all swap areas together have less than 2^28 slots");
    return base;
  }

  addArea(area: SwapArea): void {
    this.watcher?.freeSlots();
    const index = this.#areas.findIndex((other) => other.priority < area.priority);
    this.#areas.splice(index < 0 ? this.#areas.length : index, 0, area);
    this.#free += area.map.usable - area.map.inuse;
    this.#total += area.map.usable;
    if (!area.solidState) this.#rotational++;
  }

  /** Stops handing out slots of an area and gives back what the slot cache holds (swapoff, first half). */
  closeArea(area: SwapArea): void {
    this.watcher?.freeSlots();
    this.#releaseAll(this.#cache.drain());
    area.writeOk = false;
    this.#free -= area.map.usable - area.map.inuse;
    this.#total -= area.map.usable;
  }

  /** swapoff failed: the area is used again. */
  reopenArea(area: SwapArea): void {
    this.watcher?.freeSlots();
    area.writeOk = true;
    this.#free += area.map.usable - area.map.inuse;
    this.#total += area.map.usable;
  }

  /** No new users from now on, and the wait for those that are there (percpu_ref_kill). */
  killUsers(area: SwapArea): Actor {
    this.watcher?.areas(true);
    return area.killUsers();
  }

  /** The end of swapoff: the tables are freed. */
  removeArea(area: SwapArea): void {
    assert(area.map.inuse === 0, "an area is empty when it is removed");
    this.watcher?.areas(true);
    this.#areas.splice(this.#areas.indexOf(area), 1);
    this.#freed.push(area);
    if (!area.isSolidStateNow) this.#rotational--;
  }

  /** The area of an entry. Throws UseAfterFree if swapoff has freed its tables. */
  areaOf(entry: SwapEntry): SwapArea {
    this.watcher?.slot(entry);
    this.watcher?.areas(false);
    for (let index = 0; index < this.#areas.length; index++) {
      const area = this.#areas[index]!;
      if (area.holds(entry)) return area;
    }
    const freed = this.#freed.find((area) => area.holds(entry));
    if (freed) throw new UseAfterFree(`the tables of ${freed.name}, which swapoff has freed`);
    return fail("a swap entry belongs to an area");
  }

  /**
   * get_swap_device: the area of an entry, whose tables stay until `put`; undefined if it is going away or gone. Whoever
   * has seen an entry and sleeps before using it needs this.
   */
  getDevice(entry: SwapEntry): SwapArea | undefined {
    this.watcher?.areas(false);
    for (let index = 0; index < this.#areas.length; index++) {
      const area = this.#areas[index]!;
      if (area.holds(entry)) return area.tryGet() ? area : undefined;
    }
    return undefined;
  }

  /** The area of the entry is there and not about to go. */
  isActive(entry: SwapEntry): boolean {
    const area = this.getDevice(entry);
    area?.put();
    return area !== undefined;
  }

  /** Writes down whom a slot is charged to. */
  setOwner(entry: SwapEntry, owner: number): void {
    const area = this.areaOf(entry);
    area.owner[entry - area.base] = owner;
  }

  /** Whom a slot is charged to; 0 if nobody wrote that down (lookup_swap_cgroup_id). */
  ownerOf(entry: SwapEntry): number {
    const area = this.areaOf(entry);
    return area.owner[entry - area.base]!;
  }

  slotOf(entry: SwapEntry): number {
    return entry - this.areaOf(entry).base;
  }

  /** A slot for one page (folio_alloc_swap), marked as cached; NO_ENTRY if swap is full. */
  allocate(): SwapEntry {
    this.watcher?.freeSlots();
    if (this.#cache.mustDrain(this.#free)) this.#releaseAll(this.#cache.drain());
    if (!this.#cache.active)
      return this.#takeFromAreas(1, this.#cache.refillTarget()) ? this.#cache.next()! : NO_ENTRY;
    const entry = this.#cache.next();
    if (entry !== undefined) return entry;
    this.#takeFromAreas(SLOT_BATCH, this.#cache.refillTarget());
    return this.#cache.next() ?? NO_ENTRY;
  }

  count(entry: SwapEntry): number {
    const area = this.areaOf(entry);
    return area.map.count(entry - area.base);
  }

  /** One more page table entry refers to the slot (swap_duplicate). */
  duplicate(entry: SwapEntry): void {
    const { map, base } = this.areaOf(entry);
    const count = map.count(entry - base);
    assert(count < SLOT_BAD - 1, "continuation pages of the swap map are not modelled");
    map.bytes[entry - base]!++;
  }

  /** One page table entry less (swap_free). */
  put(entry: SwapEntry): void {
    const area = this.areaOf(entry);
    const slot = entry - area.base;
    assert(area.map.count(slot) > 0, "a slot that is given up has a reference");
    area.map.bytes[slot]!--;
    if (area.map.bytes[slot] === SLOT_FREE) this.#free1(area, slot);
  }

  /** What was remembered of the page that was evicted to the slot, 0 if nothing. */
  shadowOf(entry: SwapEntry): number {
    const area = this.areaOf(entry);
    return area.shadowOf(entry - area.base);
  }

  /** The frame that stands for the slot in the swap cache, or -1. */
  lookup(entry: SwapEntry): number {
    const area = this.areaOf(entry);
    return area.cachedFrame(entry - area.base);
  }

  /**
   * Claims a slot for a read that goes past the swap cache (swapcache_prepare): as long as the claim lasts nobody else
   * reads the slot, and it is not free however few refer to it. False if somebody has the slot already.
   */
  claim(entry: SwapEntry): boolean {
    if (this.isTaken(entry)) return false;
    const area = this.areaOf(entry);
    area.map.bytes[entry - area.base]! |= SLOT_HAS_CACHE;
    return true;
  }

  /** A claim or a frame stands for the slot, or nobody refers to it any more. */
  isTaken(entry: SwapEntry): boolean {
    const { map, base } = this.areaOf(entry);
    return map.hasCache(entry - base) || map.count(entry - base) === 0;
  }

  /** The claim ends; frees the slot if nobody refers to it (swapcache_clear). */
  unclaim(entry: SwapEntry): void {
    const area = this.areaOf(entry);
    const slot = entry - area.base;
    assert(area.map.hasCache(slot) && area.cachedFrame(slot) < 0, "a claim that ends was made");
    area.map.bytes[slot]! &= SLOT_COUNT_MASK;
    if (area.map.bytes[slot] === SLOT_FREE) this.#free1(area, slot);
  }

  /** Puts a frame in the swap cache and returns the shadow that was there, 0 if none. */
  addToCache(entry: SwapEntry, frame: number): number {
    const area = this.areaOf(entry);
    const slot = entry - area.base;
    const shadow = area.shadowOf(slot);
    area.setCachedFrame(slot, frame);
    area.map.bytes[slot]! |= SLOT_HAS_CACHE;
    return shadow;
  }

  /** Takes the frame out of the swap cache; frees the slot if nobody else refers to it. */
  removeFromCache(entry: SwapEntry, shadow = 0): void {
    const area = this.areaOf(entry);
    const slot = entry - area.base;
    area.clearCachedFrame(slot, shadow);
    area.map.bytes[slot]! &= SLOT_COUNT_MASK;
    if (area.map.bytes[slot] === SLOT_FREE) this.#free1(area, slot);
  }

  /** A slot that was allocated and never entered the cache goes back (put_swap_folio). */
  giveBack(entry: SwapEntry): void {
    const area = this.areaOf(entry);
    this.#free1(area, entry - area.base);
  }

  /** swap_entry_free: the byte stays "cached" while the slot waits in the slot cache. */
  #free1(area: SwapArea, slot: number): void {
    this.watcher?.freeSlots();
    area.map.bytes[slot] = SLOT_HAS_CACHE;
    if (this.#cache.active && area.writeOk) this.#releaseAll(this.#cache.keep(area.base + slot));
    else this.#release(area, slot);
  }

  #releaseAll(entries: readonly SwapEntry[]): void {
    for (const entry of entries) {
      const area = this.areaOf(entry);
      this.#release(area, entry - area.base);
    }
  }

  #release(area: SwapArea, slot: number): void {
    area.map.bytes[slot] = SLOT_FREE;
    area.map.inuse--;
    area.forgetShadow(slot);
    area.allocator.released(slot);
    const owner = area.owner[slot]!;
    area.owner[slot] = 0;
    area.transport.slotFreed?.(slot);
    this.onRelease(area.base + slot, owner);
    if (area.writeOk) this.#free++;
  }

  /** get_swap_pages: the first area in the order of rank that yields anything; equals take turns. */
  #takeFromAreas(want: number, into: SwapEntry[]): boolean {
    for (const area of [...this.#areas]) {
      if (!area.writeOk) continue;
      this.#moveBehindEquals(area);
      const slots: number[] = [];
      const taken = area.allocator.take(Math.min(want, area.map.usable - area.map.inuse), slots);
      if (taken === 0) continue;
      for (const slot of slots) into.push(area.base + slot);
      this.#free -= taken;
      return true;
    }
    return false;
  }

  #moveBehindEquals(area: SwapArea): void {
    if (this.#areas.length === 1) return;
    this.#areas.splice(this.#areas.indexOf(area), 1);
    const index = this.#areas.findIndex((other) => other.priority < area.priority);
    this.#areas.splice(index < 0 ? this.#areas.length : index, 0, area);
  }
}
