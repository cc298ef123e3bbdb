import { assert, type RandomStream } from "../../engine/index.ts";
import type { SlotAllocator } from "./slot-allocator.ts";
import { SLOT_HAS_CACHE, type SwapMap } from "./swap-map.ts";

/** Slots of a cluster: one huge page's worth, as THP swap is configured (SWAPFILE_CLUSTER, 6.1). */
export const CLUSTER_SLOTS = 512;
/** The free list is laid out in columns, so that CPUs start far apart (setup_swap_map_and_extents, 6.1). */
const COLUMNS = 32;
/** Map bytes a batch looks at once no cluster is free (scan_swap_map_slots, LATENCY_LIMIT, 6.1). */
const SCAN_LIMIT = 256;
const NO_CLUSTER = -1;

/**
 * Slots of a solid-state area (scan_swap_map_try_ssd_cluster, 6.1): a FIFO of wholly free clusters. The current
 * cluster is filled upward; partly used clusters left behind are not visited again while free ones exist. When none
 * is left, a linear scan takes what it finds.
 */
export class ClusterAllocator implements SlotAllocator {
  readonly #map: SwapMap;
  readonly #random: RandomStream;
  readonly #used: Uint16Array;
  readonly #isFree: Uint8Array;
  /** FIFO of free clusters as a ring. */
  readonly #ring: Int32Array;
  #head = 0;
  #length = 0;
  #current = NO_CLUSTER;
  #next = 0;
  #scanFrom: number;

  constructor(map: SwapMap, random: RandomStream) {
    const clusters = Math.ceil(map.slots / CLUSTER_SLOTS);
    this.#map = map;
    this.#random = random;
    this.#used = new Uint16Array(clusters);
    this.#isFree = new Uint8Array(clusters);
    this.#ring = new Int32Array(clusters);
    this.#scanFrom = 1 + random.below(Math.max(1, map.slots - 1));
    this.#used[0] = 1;
    const beyond = clusters * CLUSTER_SLOTS - map.slots;
    this.#used[clusters - 1]! += beyond;
    for (let column = 0; column < COLUMNS; column++) {
      for (let cluster = column; cluster < clusters; cluster += COLUMNS) {
        if (this.#used[cluster] === 0) this.#append(cluster);
      }
    }
  }

  take(want: number, into: number[]): number {
    let taken = 0;
    while (taken < want) {
      const slot = this.#nextInCluster();
      if (slot === 0) break;
      this.#mark(slot);
      into.push(slot);
      taken++;
    }
    return taken > 0 ? taken : this.#scan(want, into);
  }

  released(slot: number): void {
    const cluster = Math.floor(slot / CLUSTER_SLOTS);
    assert(this.#used[cluster]! > 0, "a released slot was counted in its cluster");
    this.#used[cluster]!--;
    if (this.#used[cluster] === 0) this.#append(cluster);
  }

  /** The first free slot of the current cluster, of the next free cluster otherwise; 0 if no cluster is free. */
  #nextInCluster(): number {
    for (;;) {
      if (this.#current === NO_CLUSTER) {
        if (this.#length === 0) return 0;
        this.#current = this.#ring[this.#head]!;
        this.#next = this.#current * CLUSTER_SLOTS;
      }
      if (this.#conflicts(this.#current)) {
        this.#current = NO_CLUSTER;
        continue;
      }
      const end = Math.min((this.#current + 1) * CLUSTER_SLOTS, this.#map.slots);
      for (let slot = this.#next; slot < end; slot++) {
        if (!this.#map.isFree(slot)) continue;
        this.#next = slot + 1;
        return slot;
      }
      this.#current = NO_CLUSTER;
    }
  }

  #scan(want: number, into: number[]): number {
    const { slots } = this.#map;
    let taken = 0;
    let slot = this.#firstFreeFrom(this.#scanFrom);
    for (let looked = 0; slot !== 0 && taken < want; ) {
      this.#mark(slot);
      into.push(slot);
      taken++;
      let next = slot + 1;
      while (next < slots && looked < SCAN_LIMIT && !this.#map.isFree(next)) {
        next++;
        looked++;
      }
      slot = next < slots && looked < SCAN_LIMIT ? next : 0;
      this.#scanFrom = next < slots ? next : 1 + this.#random.below(Math.max(1, slots - 1));
    }
    return taken;
  }

  #firstFreeFrom(start: number): number {
    const { slots } = this.#map;
    for (let slot = start; slot < slots; slot++) if (this.#map.isFree(slot)) return slot;
    for (let slot = 1; slot < start; slot++) if (this.#map.isFree(slot)) return slot;
    return 0;
  }

  #mark(slot: number): void {
    const cluster = Math.floor(slot / CLUSTER_SLOTS);
    if (this.#isFree[cluster] === 1) this.#remove(cluster);
    this.#used[cluster]!++;
    this.#map.bytes[slot] = SLOT_HAS_CACHE;
    this.#map.inuse++;
  }

  #append(cluster: number): void {
    this.#ring[(this.#head + this.#length) % this.#ring.length] = cluster;
    this.#length++;
    this.#isFree[cluster] = 1;
  }

  /** The current cluster became wholly free and waits in the list behind others (scan_swap_map_ssd_cluster_conflict). */
  #conflicts(cluster: number): boolean {
    return this.#isFree[cluster] === 1 && this.#ring[this.#head] !== cluster;
  }

  #remove(cluster: number): void {
    assert(this.#ring[this.#head] === cluster, "a cluster leaves the free list at its head");
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
    this.#isFree[cluster] = 0;
  }
}
