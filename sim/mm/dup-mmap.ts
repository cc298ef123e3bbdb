import type { Actor } from "../engine/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { PTRS_PER_PTE } from "./page-tables.ts";
import {
  entryOf,
  frameOf,
  isPresent,
  isSwapped,
  isZeroPage,
  PTE_NONE,
  PTE_WRITABLE,
  PTE_YOUNG,
  swapPte,
} from "./pte.ts";
import { touchPage } from "./touch.ts";

/**
 * dup_mmap, the memory side of fork: the child, which has none yet, gets the page tables of its parent. Pages in memory are
 * shared and write-protected in both; a page in swap has one reference more. The parent faults on nothing meanwhile, and pays
 * for it with its next accesses. False if the parent is gone, or the child was killed while it asked for page tables.
 */
export function* dupMmap(mm: MemoryManager, parent: AddressSpace, child: AddressSpace): Actor<boolean> {
  const { mmapLock } = parent;
  if (mmapLock) yield* mmapLock.lockExclusive("dup_mmap");
  try {
    return (yield* makeTables(mm, parent, child)) && copyPageRange(mm, parent, child);
  } finally {
    mmapLock?.unlockExclusive();
  }
}

function* makeTables(mm: MemoryManager, parent: AddressSpace, child: AddressSpace): Actor<boolean> {
  for (let page = tableToMake(parent, child); page !== undefined; page = tableToMake(parent, child)) {
    if (!(yield* child.tables.make(mm, child, page))) return false;
  }
  return true;
}

/** copy_page_range: in one step, because nobody can tell in which order. */
function copyPageRange(mm: MemoryManager, parent: AddressSpace, child: AddressSpace): boolean {
  // Pages that are not there yet matter too: a store that comes later is the parent's alone.
  for (let page = 0; mm.engine.exploring && page < parent.pages; page++) touchPage(mm, parent.id, page);
  if (parent.death || parent.threads === 0) return false;
  child.family = parent.family;
  parent.family.push(child);
  let copied = 0;
  for (let page = 0; page < parent.pages; page++) {
    if (parent.pte(page) === PTE_NONE) continue;
    copyPte(mm, parent, child, page);
    copied++;
  }
  mm.observer.taskForked(parent.id, child.id);
  parent.owed += copied * mm.costs.copyPte;
  return true;
}

/** A page whose page-table page the parent has and the child has not. */
function tableToMake(parent: AddressSpace, child: AddressSpace): number | undefined {
  for (let page = 0; page < parent.pages; page += PTRS_PER_PTE) {
    if (parent.tables.has(page) && !child.tables.has(page)) return page;
  }
  return undefined;
}

/** copy_present_pte and copy_nonpresent_pte. The child's mapping begins old. */
function copyPte(mm: MemoryManager, parent: AddressSpace, child: AddressSpace, page: number): void {
  const pte = parent.pte(page);
  if (isSwapped(pte)) {
    mm.swap.duplicate(entryOf(pte));
    child.swapped++;
    parent.ptes[page] = swapPte(entryOf(pte), true);
    child.ptes[page] = parent.pte(page);
  } else if (isPresent(pte) && !isZeroPage(pte)) {
    shareFrame(mm, parent, page);
    child.rss++;
    child.ptes[page] = parent.pte(page) & ~PTE_YOUNG;
  } else {
    child.ptes[page] = isZeroPage(pte) ? pte & ~PTE_YOUNG : pte;
  }
}

/** From now on a store of either makes a copy, so what the frame holds has to have a name. */
function shareFrame(mm: MemoryManager, parent: AddressSpace, page: number): void {
  const { frames } = mm;
  const frame = frameOf(parent.pte(page));
  frames.content[frame] = mm.observer.copied(parent.id, page, frames.content[frame]!);
  frames.set(frame, PG.Shared);
  parent.ptes[page]! &= ~PTE_WRITABLE;
}
