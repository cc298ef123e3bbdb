import type { BlockDevice } from "../block/index.ts";
import { type Actor, assert, type Engine, type Pages, WaitQueue } from "../engine/index.ts";
import type { FileHandle, Filesystem } from "../fs/index.ts";
import { ClusterAllocator } from "./slots/cluster-allocator.ts";
import { NextFitAllocator } from "./slots/next-fit-allocator.ts";
import type { SlotAllocator } from "./slots/slot-allocator.ts";
import { SwapMap } from "./slots/swap-map.ts";
import type { SwapTransport } from "./transport.ts";

/** A number that names one slot of one area: area base + slot offset. Fits the page table entry. */
export type SwapEntry = number;
export const NO_ENTRY: SwapEntry = -1;

const NO_FRAME = -1;

/** A regular file that swap lies in. */
export interface SwapFile {
  readonly fs: Filesystem;
  readonly file: FileHandle;
}

/** One active swap area: map, slot allocator, the part of the swap cache that belongs to it, and its transport. */
export class SwapArea {
  readonly name: string;
  readonly priority: number;
  /** Entry number of slot 0. */
  readonly base: SwapEntry;
  /** One past the entry number of the last slot. */
  readonly #end: SwapEntry;
  readonly map: SwapMap;
  readonly transport: SwapTransport;
  readonly allocator: SlotAllocator;
  /** What swapon found: slots are handed out by clusters. Otherwise the area counts as rotational. */
  readonly solidState: boolean;
  readonly #device: BlockDevice | undefined;
  /** Slots that the header stands for: the kernel makes its tables as large as this. */
  readonly promised: Pages;
  readonly file: SwapFile | undefined;
  /** Frame in the swap cache by slot, or -1. */
  readonly #cached: Int32Array;
  /** Whom the slot is charged to (swap_cgroup record), 0 for nobody. */
  readonly owner: Uint8Array;
  /** What reclaim remembered about the evicted page by slot (a workingset shadow), 0 if nothing. */
  readonly #shadow: Uint32Array;
  writeOk = true;
  /** Those who work with the tables and must not lose them (si->users). */
  #users = 0;
  /** swapoff is about to free the tables: nobody gets at them any more. */
  #isDying = false;
  readonly #released: WaitQueue;

  constructor(options: {
    name: string;
    priority: number;
    base: SwapEntry;
    slots: Pages;
    /** Slots that the header stands for; left out: as many. */
    promised?: Pages;
    transport: SwapTransport;
    engine: Engine;
    solidState: boolean;
    /** The one device that it lies on, where activation told one. */
    device?: BlockDevice | undefined;
    file?: SwapFile;
  }) {
    this.#released = new WaitQueue(options.engine, `users of ${options.name}`);
    this.file = options.file;
    this.promised = options.promised ?? options.slots;
    this.name = options.name;
    this.priority = options.priority;
    this.base = options.base;
    this.#end = options.base + options.slots;
    this.transport = options.transport;
    this.map = new SwapMap(options.slots);
    this.solidState = options.solidState;
    this.#device = options.device;
    this.allocator = options.solidState
      ? new ClusterAllocator(this.map, options.engine.random.named(`swap/${options.name}`))
      : new NextFitAllocator(this.map);
    this.#cached = new Int32Array(options.slots).fill(NO_FRAME);
    this.owner = new Uint8Array(options.slots);
    this.#shadow = new Uint32Array(options.slots);
  }

  /** Sets or clears S_SWAPFILE on the file. */
  setSwapFile(active: boolean): void {
    this.file?.fs.setSwapFile(this.file.file, active);
  }

  /** percpu_ref_tryget_live: false if the area is going away. */
  tryGet(): boolean {
    if (this.#isDying) return false;
    this.#users++;
    return true;
  }

  /** percpu_ref_put. */
  put(): void {
    assert(this.#users > 0, "an area is given back as often as it was taken");
    if (--this.#users === 0 && this.#isDying) this.#released.wakeAll();
  }

  /** percpu_ref_kill, and the wait for the last user. */
  *killUsers(): Actor {
    this.#isDying = true;
    while (this.#users > 0) yield this.#released.wait("wait_for_completion (swapoff)");
  }

  get slots(): Pages {
    return this.map.slots;
  }

  /** swapoff asks again, and by now the device is known. */
  get isSolidStateNow(): boolean {
    return this.#device ? !this.#device.model.rotational : this.solidState;
  }

  holds(entry: SwapEntry): boolean {
    return entry >= this.base && entry < this.#end;
  }

  /** The entry of a slot. */
  entryAt(slot: number): SwapEntry {
    return this.base + slot;
  }

  cachedFrame(slot: number): number {
    return this.#cached[slot]!;
  }

  setCachedFrame(slot: number, frame: number): void {
    assert(this.#cached[slot] === NO_FRAME, "a slot has at most one frame in the swap cache");
    this.#cached[slot] = frame;
    this.#shadow[slot] = 0;
  }

  clearCachedFrame(slot: number, shadow: number): void {
    assert(this.#cached[slot] !== NO_FRAME, "a frame that leaves the swap cache was in it");
    this.#cached[slot] = NO_FRAME;
    this.#shadow[slot] = shadow;
  }

  shadowOf(slot: number): number {
    return this.#shadow[slot]!;
  }

  forgetShadow(slot: number): void {
    this.#shadow[slot] = 0;
  }
}
