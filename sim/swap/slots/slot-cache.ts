/** Slots taken from an area at a time, and freed slots held back (SWAP_SLOTS_CACHE_SIZE, 6.1). */
export const SLOT_BATCH = 64;
/** The cache switches on above so many free slots a CPU, and off below (include/linux/swap_slots.h, 6.1). */
const ACTIVATE_PER_CPU = 5 * SLOT_BATCH;
const DEACTIVATE_PER_CPU = 2 * SLOT_BATCH;

/**
 * swap_slots.c of 6.1: slots are fetched 64 at a time and freed ones become visible 64 at a time. The machine has
 * one such cache; the kernel has one a CPU, which shows only with several CPUs reclaiming at once.
 */
export class SlotCache {
  active = false;
  /** Kernels before 4.11 and since 6.14 take slots one at a time. */
  readonly #exists: boolean;
  readonly #cpus: number;
  readonly #ready: number[] = [];
  #used = 0;
  readonly #returned: number[] = [];

  constructor(cpus: number, exists = true) {
    this.#exists = exists;
    this.#cpus = cpus;
  }

  /** Slots fetched and not handed out plus slots freed and not given back: all count as used. */
  get held(): number {
    return this.#ready.length - this.#used + this.#returned.length;
  }

  /** Switches on or off by the number of free slots; true if the caller must give everything back. */
  mustDrain(freeSlots: number): boolean {
    if (!this.active) {
      this.active = this.#exists && freeSlots > this.#cpus * ACTIVATE_PER_CPU;
      return false;
    }
    if (freeSlots >= this.#cpus * DEACTIVATE_PER_CPU) return false;
    this.active = false;
    return true;
  }

  /** A fetched slot in the order of fetching, or undefined. */
  next(): number | undefined {
    return this.#used < this.#ready.length ? this.#ready[this.#used++] : undefined;
  }

  /** Where a refill puts its slots. */
  refillTarget(): number[] {
    this.#ready.length = 0;
    this.#used = 0;
    return this.#ready;
  }

  /** Keeps a freed slot; returns 64 earlier ones to be released when there is no room. */
  keep(entry: number): readonly number[] {
    const due = this.#returned.length >= SLOT_BATCH ? this.#returned.splice(0) : [];
    this.#returned.push(entry);
    return due;
  }

  /** Everything held, to be given back to the areas. */
  drain(): readonly number[] {
    const entries = [...this.#ready.slice(this.#used), ...this.#returned.splice(0)];
    this.refillTarget();
    return entries;
  }
}
