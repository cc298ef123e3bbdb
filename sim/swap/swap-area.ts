import { assert, type Pages, type RandomStream } from "../engine/index.ts";
import { ClusterAllocator } from "./slots/cluster-allocator.ts";
import { NextFitAllocator } from "./slots/next-fit-allocator.ts";
import type { SlotAllocator } from "./slots/slot-allocator.ts";
import { SwapMap } from "./slots/swap-map.ts";
import type { SwapTransport } from "./transport.ts";

/** A number that names one slot of one area: area base + slot offset. Fits the page table entry. */
export type SwapEntry = number;
export const NO_ENTRY: SwapEntry = -1;

const NO_FRAME = -1;

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
  /** Frame in the swap cache by slot, or -1. */
  readonly #cached: Int32Array;
  /** Whom the slot is charged to (swap_cgroup record), 0 for nobody. */
  readonly owner: Uint8Array;
  /** What reclaim remembered about the evicted page by slot (a workingset shadow), 0 if nothing. */
  readonly #shadow: Uint32Array;
  /** Sets or clears S_SWAPFILE on the file below, if there is one. */
  readonly markSwapFile: ((active: boolean) => void) | undefined;
  writeOk = true;

  constructor(options: {
    name: string;
    priority: number;
    base: SwapEntry;
    slots: Pages;
    transport: SwapTransport;
    markSwapFile?: (active: boolean) => void;
    random: RandomStream;
  }) {
    this.name = options.name;
    this.priority = options.priority;
    this.base = options.base;
    this.#end = options.base + options.slots;
    this.transport = options.transport;
    this.markSwapFile = options.markSwapFile;
    this.map = new SwapMap(options.slots);
    this.allocator = options.transport.solidState
      ? new ClusterAllocator(this.map, options.random)
      : new NextFitAllocator(this.map);
    this.#cached = new Int32Array(options.slots).fill(NO_FRAME);
    this.owner = new Uint8Array(options.slots);
    this.#shadow = new Uint32Array(options.slots);
  }

  get slots(): Pages {
    return this.map.slots;
  }

  holds(entry: SwapEntry): boolean {
    return entry >= this.base && entry < this.#end;
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
