import type { FrameId } from "../../frame-table.ts";
import { PTRS_PER_PTE } from "../../page-tables.ts";
import { frameOf, isPresent, isZeroPage, PTE_YOUNG } from "../../pte.ts";
import type { ScanControl } from "../../reclaim/scan-control.ts";
import { familyOf, isYoungMapping } from "../../rmap.ts";
import { tableOfFile, tableOfTask } from "./aging.ts";
import { genOf } from "./generations.ts";
import type { MultiGenLru } from "./mglru.ts";

/** Entries looked at around a young page (MIN_LRU_BATCH, 6.1). */
const WINDOW = 64;
/** Fewer neighbours than this are activated one by one (PAGEVEC_SIZE, 6.1). */
const FEW = 15;

/** A page was found young during eviction: looks around it in each page table through which it was accessed. */
export function lookAround(lru: MultiGenLru, frame: FrameId, scan: ScanControl): void {
  const { mm } = lru;
  if (mm.faults.has("noLookAround")) return;
  const page = mm.frames.ownerPage[frame]!;
  const tableOf = mm.frames.isFile(frame) ? tableOfFile : tableOfTask;
  for (const { id, ptes } of familyOf(mm, frame)) {
    if (isYoungMapping(ptes[page]!, frame)) lookAroundIn(lru, ptes, page, tableOf(id), scan);
  }
}

/** lru_gen_look_around: the neighbours of a young page in a page table, whose first table has a number, are tested too. */
function lookAroundIn(
  lru: MultiGenLru,
  ptes: Int32Array,
  page: number,
  firstTable: number,
  scan: ScanControl,
): void {
  const { mm, generations, aging, group } = lru;
  const { first, end } = windowAround(page, ptes.length);
  const youngest = genOf(generations.maxSeq);
  const neighbours: { readonly frame: FrameId; readonly pte: number }[] = [];
  let young = 0;
  for (let other = first; other < end; other++) {
    const pte = ptes[other]!;
    if ((pte & PTE_YOUNG) === 0 || !isPresent(pte) || isZeroPage(pte)) continue;
    const found = frameOf(pte);
    if (mm.frames.group[found] !== group.id) continue;
    ptes[other] = pte & ~PTE_YOUNG;
    young++;
    if (generations.generationOf(found) < 0) aging.promote(found, pte, youngest);
    else if (generations.generationOf(found) !== youngest) neighbours.push({ frame: found, pte });
  }
  if (young * 8 >= end - first) {
    aging.filter.add(generations.maxSeq, firstTable + Math.floor(page / PTRS_PER_PTE));
  }
  if (!scan.walksPageTables && neighbours.length < FEW) {
    for (const { frame: neighbour } of neighbours) mm.batches.activate(neighbour);
  } else {
    for (const { frame: neighbour, pte } of neighbours) aging.promote(neighbour, pte, youngest);
  }
}

/** Up to 64 entries inside the page table, the page in the middle where there is room. */
function windowAround(page: number, pages: number): { readonly first: number; readonly end: number } {
  const table = page - (page % PTRS_PER_PTE);
  const tableEnd = Math.min(table + PTRS_PER_PTE, pages);
  if (tableEnd - table <= WINDOW) return { first: table, end: tableEnd };
  if (page - table < WINDOW / 2) return { first: table, end: table + WINDOW };
  if (tableEnd - page < WINDOW / 2) return { first: tableEnd - WINDOW, end: tableEnd };
  return { first: page - WINDOW / 2, end: page + WINDOW / 2 };
}
