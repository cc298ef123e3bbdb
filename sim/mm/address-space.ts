import { assert, type Duration, type Pages, type RwLock } from "../engine/index.ts";
import { type CompressedSize, NO_ENTRY, type SwapEntry, VmaReadahead } from "../swap/index.ts";
import type { MemCgroup } from "./memcg/mem-cgroup.ts";
import { PageTables } from "./page-tables.ts";
import { entryOf, isSwapped, PTE_NUMBER_LIMIT, type Pte } from "./pte.ts";

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
  /** What a page compresses to: a property of what the program stores there. */
  readonly compressedSize: (page: number) => CompressedSize;
  /** Memory cgroup it is charged to. */
  readonly group: MemCgroup;
  /**
   * Those in whose page tables a page of this memory may be found: all that descend from one task by fork (anon_vma). A
   * page has the same number in each.
   */
  family: AddressSpace[] = [this];
  /** Faults share it, a fork has it alone (mmap_lock); nobody needs it who is never forked. */
  mmapLock: RwLock | undefined;
  /** Readahead state of the mapping (vma->swap_readahead_info). */
  readonly readahead: VmaReadahead = new VmaReadahead();
  /** Page-table pages in use: one for each 512 pages that were touched, and one for those tables. */
  readonly tables: PageTables;
  /** Resident pages (MM_ANONPAGES). */
  rss: Pages = 0;
  /** Pages in swap (MM_SWAPENTS). */
  swapped: Pages = 0;
  /** Page faults of the task, each once (ru_majflt + ru_minflt). */
  faults = 0;
  /** Those that read a page or waited for somebody else's read (ru_majflt). */
  majorFaults = 0;
  /** It was switched to since its page tables were last walked (lru_gen_use_mm). */
  wasScheduled = true;
  /** CPU time used and not yet spent on the clock, so that cheap things cost no event of their own. */
  owed: Duration = 0;
  /** Those who run in this memory and have not ended (mm_users). */
  threads = 1;
  /** Set when the task was killed; its actor stops at the next chance. */
  death: Death | undefined;

  constructor(
    id: number,
    name: string,
    pages: Pages,
    stored: Uint8Array,
    group: MemCgroup,
    compressedSize: (page: number) => CompressedSize,
  ) {
    assert(pages > 0 && pages < PTE_NUMBER_LIMIT, "a task has between 1 and 2^28 pages");
    this.id = id;
    this.name = name;
    this.pages = pages;
    this.ptes = new Int32Array(pages);
    this.stored = stored;
    this.compressedSize = compressedSize;
    this.group = group;
    this.tables = new PageTables(pages);
  }

  pte(page: number): Pte {
    return this.ptes[page]!;
  }

  /** The slot that a page is in; NO_ENTRY if it is in none. */
  entryAt(page: number): SwapEntry {
    const pte = this.pte(page);
    return isSwapped(pte) ? entryOf(pte) : NO_ENTRY;
  }
}
