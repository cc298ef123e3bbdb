import { CLUSTER_SLOTS } from "./cluster-allocator.ts";
import type { SlotAllocator } from "./slot-allocator.ts";
import { SLOT_HAS_CACHE, type SwapMap } from "./swap-map.ts";

/** Map bytes one batch looks at (scan_swap_map_slots, LATENCY_LIMIT, 6.1). */
const SCAN_LIMIT = 256;

/**
 * Slots of a rotational area (scan_swap_map_slots, 6.1): next-fit in runs of 512. Writes march upward through fresh
 * space as long as a free run of 512 exists; holes below are refilled only after that.
 */
export class NextFitAllocator implements SlotAllocator {
  readonly #map: SwapMap;
  /** Where the next batch starts (cluster_next). */
  #next = 1;
  /** Slots left in the present run (cluster_nr). */
  #run = 0;
  #lowest = 1;
  #highest: number;

  constructor(map: SwapMap) {
    this.#map = map;
    this.#highest = map.slots - 1;
  }

  take(want: number, into: number[]): number {
    this.#beginBatch();
    let slot = this.#firstFree(this.#next);
    let taken = 0;
    for (let looked = 0; slot !== 0; ) {
      this.#mark(slot);
      into.push(slot);
      taken++;
      this.#next = slot + 1;
      if (taken === want || slot >= this.#highest) break;
      if (this.#run > 0 && this.#map.isFree(slot + 1)) {
        this.#run--;
        slot++;
        continue;
      }
      let candidate = slot + 1;
      while (candidate <= this.#highest && looked < SCAN_LIMIT && !this.#map.isFree(candidate)) {
        candidate++;
        looked++;
      }
      slot = candidate <= this.#highest && looked < SCAN_LIMIT ? candidate : 0;
    }
    return taken;
  }

  released(slot: number): void {
    if (slot < this.#lowest) this.#lowest = slot;
    if (slot > this.#highest) this.#highest = slot;
  }

  /** Goes on in the present run, or looks for the first 512 consecutive free slots from the lowest. */
  #beginBatch(): void {
    if (this.#run > 0) {
      this.#run--;
      return;
    }
    this.#run = CLUSTER_SLOTS - 1;
    const free = this.#map.usable - this.#map.inuse;
    if (free < CLUSTER_SLOTS) return;
    this.#next = this.#freeRun() ?? this.#lowest;
  }

  /** Looked for from the end of each place: a slot that is in use there rules out all places up to it. */
  #freeRun(): number | undefined {
    for (let first = this.#lowest; first + CLUSTER_SLOTS - 1 <= this.#highest; ) {
      let slot = first + CLUSTER_SLOTS - 1;
      while (slot >= first && this.#map.isFree(slot)) slot--;
      if (slot < first) return first;
      first = slot + 1;
    }
    return undefined;
  }

  #firstFree(from: number): number {
    const start = from > this.#highest ? this.#lowest : from;
    for (let slot = start; slot <= this.#highest; slot++) if (this.#map.isFree(slot)) return slot;
    for (let slot = this.#lowest; slot < start; slot++) if (this.#map.isFree(slot)) return slot;
    return 0;
  }

  /** Taking the slot at a bound moves that bound by one only. */
  #mark(slot: number): void {
    this.#map.bytes[slot] = SLOT_HAS_CACHE;
    this.#map.inuse++;
    if (slot === this.#lowest) this.#lowest++;
    if (slot === this.#highest) this.#highest--;
    if (this.#map.inuse === this.#map.usable) {
      this.#lowest = this.#map.slots;
      this.#highest = 0;
    }
  }
}
