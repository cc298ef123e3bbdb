import type { Actor, Pages } from "../engine/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { type FrameId, NO_FRAME } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { freePage } from "./page-free.ts";
import { allocPage } from "./reclaim/page-alloc.ts";
import { Mobility } from "./zones/zone.ts";

/** Entries of one page-table page: 2 MiB of address space (PTRS_PER_PTE, x86-64). */
export const PTRS_PER_PTE: Pages = 512;
const NONE: FrameId = NO_FRAME;

/** Which page-table pages a mapping has; each is a frame of its own and charged like any other page. */
export class PageTables {
  /** Frame by block of 512 pages; the last one is the table of those tables. */
  readonly #frames: Int32Array;

  constructor(pages: Pages) {
    this.#frames = new Int32Array(Math.ceil(pages / PTRS_PER_PTE) + 1).fill(NONE);
  }

  /** Whether the page-table page above `page` is there. */
  has(page: number): boolean {
    return this.#frames[Math.floor(page / PTRS_PER_PTE)] !== NONE;
  }

  /** __pte_alloc: makes the tables above `page`; false if the task was killed while it asked for memory. */
  *make(mm: MemoryManager, task: AddressSpace, page: number): Actor<boolean> {
    const block = Math.floor(page / PTRS_PER_PTE);
    for (const index of [block, this.#frames.length - 1]) {
      if (this.#frames[index] !== NONE) continue;
      const allocating = allocPage(mm, task, undefined, Mobility.Unmovable);
      const frame = typeof allocating === "number" ? allocating : yield* allocating;
      if (frame === NO_FRAME) return false;
      // Another thread may have been faster.
      if (this.#frames[index] === NONE) this.#frames[index] = frame;
      else freePage(mm, frame);
    }
    return true;
  }

  /** free_pgtables: the mapping is gone. */
  free(mm: MemoryManager): void {
    this.#frames.forEach((frame, index) => {
      if (frame === NONE) return;
      this.#frames[index] = NONE;
      freePage(mm, frame);
    });
  }
}
