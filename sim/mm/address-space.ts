import { assert, type Pages } from "../engine/index.ts";
import { PTE_NUMBER_LIMIT, type Pte } from "./page-table.ts";

/** Why a task is no more. */
export type Death = "oom" | "sigbus";

/** The memory of one task: one private anonymous mapping. 5 bytes a page, the observer's record included. */
export class AddressSpace {
  readonly id: number;
  readonly name: string;
  readonly pages: Pages;
  readonly ptes: Int32Array;
  /** One byte a page, set by stores; belongs to the observer. */
  readonly stored: Uint8Array;
  /** Resident pages (MM_ANONPAGES). */
  rss: Pages = 0;
  /** Pages in swap (MM_SWAPENTS). */
  swapped: Pages = 0;
  /** Page faults of the task, each once (ru_majflt + ru_minflt). */
  faults = 0;
  /** Those that read a page or waited for somebody else's read (ru_majflt). */
  majorFaults = 0;
  /** Set when the task was killed; its actor stops at the next chance. */
  death: Death | undefined;

  constructor(id: number, name: string, pages: Pages, stored: Uint8Array) {
    assert(pages > 0 && pages < PTE_NUMBER_LIMIT, "a task has between 1 and 2^28 pages");
    this.id = id;
    this.name = name;
    this.pages = pages;
    this.ptes = new Int32Array(pages);
    this.stored = stored;
  }

  pte(page: number): Pte {
    return this.ptes[page]!;
  }
}
