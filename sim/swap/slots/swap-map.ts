import type { Pages } from "../../engine/index.ts";

/** Values of a swap_map byte (include/linux/swap.h, 6.1). */
export const SLOT_FREE = 0;
/** The header page, a bad page. */
export const SLOT_BAD = 0x3f;
/** A frame in the swap cache stands for the slot, or the slot sits in a slot cache. */
export const SLOT_HAS_CACHE = 0x40;
/** The reference count inside the byte. */
export const SLOT_COUNT_MASK = 0x3f;

/** A number as an unsigned int of C has it. */
export function toUnsigned(value: number): number {
  return value >>> 0;
}

/** One byte a slot, and the counts that follow from it. Slot 0 is the header page and is never given out. */
export class SwapMap {
  readonly slots: Pages;
  readonly bytes: Uint8Array;
  /** Slots that are not free, the header left out; includes those that only sit in a slot cache. */
  inuse = 0;

  constructor(slots: Pages) {
    this.slots = slots;
    this.bytes = new Uint8Array(slots);
    this.bytes[0] = SLOT_BAD;
  }

  /** Slots that can be used at all. */
  get usable(): Pages {
    return toUnsigned(this.slots - 1);
  }

  isFree(slot: number): boolean {
    return this.bytes[slot] === SLOT_FREE;
  }

  count(slot: number): number {
    return this.bytes[slot]! & SLOT_COUNT_MASK;
  }

  hasCache(slot: number): boolean {
    return (this.bytes[slot]! & SLOT_HAS_CACHE) !== 0;
  }
}
