import type { SwapEntry } from "../swap/index.ts";
import type { FrameId } from "./frame-table.ts";

/**
 * A page table entry is one signed 32-bit number.
 *
 *   0                    never touched
 *   present  (bit 31)    young 30, dirty 29, writable 28, frame in bits 0 .. 27
 *   swapped  (bit 30)    not exclusive 28, swap entry in bits 0 .. 27
 *   lost     (bit 29)    the page could not be read: every access is a SIGBUS
 */
export type Pte = number;

export const PTE_NONE: Pte = 0;
export const PTE_PRESENT: Pte = 0x8000_0000 | 0;
export const PTE_YOUNG: Pte = 0x4000_0000;
export const PTE_DIRTY: Pte = 0x2000_0000;
export const PTE_WRITABLE: Pte = 0x1000_0000;
export const PTE_LOST: Pte = 0x2000_0000;
const SWAPPED: Pte = 0x4000_0000;
const SWAPPED_SHARED: Pte = 0x1000_0000;
const NUMBER: Pte = 0x0fff_ffff;
const WRITABLE_BIT = 28;
const DIRTY_BIT = 29;

/** The shared page of zeroes has no frame of its own. */
const ZERO_PAGE = NUMBER;
/** Read-only mapping of the zero page. */
export const PTE_ZERO_PAGE: Pte = PTE_PRESENT | PTE_YOUNG | ZERO_PAGE;

/** Frames and swap entries fit 28 bits: 1 TiB each. */
export const PTE_NUMBER_LIMIT: number = NUMBER;

export const isPresent = (pte: Pte): boolean => pte < 0;
export const isSwapped = (pte: Pte): boolean => pte >= 0 && (pte & SWAPPED) !== 0;
export const isZeroPage = (pte: Pte): boolean => pte < 0 && (pte & NUMBER) === ZERO_PAGE;
export const frameOf = (pte: Pte): FrameId => pte & NUMBER;
export const entryOf = (pte: Pte): SwapEntry => pte & NUMBER;
/** Others may refer to the slot too: the opposite of pte_swp_exclusive. */
export const isSharedSwap = (pte: Pte): boolean => (pte & SWAPPED_SHARED) !== 0;
export const swapPte = (entry: SwapEntry, shared: boolean): Pte =>
  SWAPPED | (shared ? SWAPPED_SHARED : 0) | entry;
/** Whether the entry maps this frame. */
export const mapsFrame = (pte: Pte, frame: FrameId): boolean => isPresent(pte) && frameOf(pte) === frame;

/** A fresh mapping: young from the fault itself; a write fault also makes it dirty and writable. */
export function presentPte(frame: FrameId, write: boolean): Pte {
  return PTE_PRESENT | PTE_YOUNG | (write ? PTE_DIRTY | PTE_WRITABLE : 0) | frame;
}

/**
 * The hot path: does accesses `from` .. `to` of a batch (each `page * 2 + write`) as long as they hit resident pages,
 * setting young and dirty bits as the CPU would and one byte per stored page of the oracle's own record.
 * Returns the index of the first access that needs a fault, or `to`.
 */
export function touchResident(
  ptes: Int32Array,
  stored: Uint8Array,
  batch: Uint32Array,
  from: number,
  to: number,
): number {
  // Without a branch on reading or writing, which no processor could predict: the write bit is shifted into place.
  for (let index = from; index < to; index++) {
    const access = batch[index]!;
    const page = access >>> 1;
    const write = access & 1;
    const pte = ptes[page]!;
    const needed = PTE_PRESENT | (write << WRITABLE_BIT);
    if ((pte & needed) !== needed) return index;
    ptes[page] = pte | PTE_YOUNG | (write << DIRTY_BIT);
    stored[page]! |= write;
  }
  return to;
}
