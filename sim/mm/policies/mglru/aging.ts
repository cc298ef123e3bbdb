import { type Actor, WaitQueue } from "../../../engine/index.ts";
import type { AddressSpace } from "../../address-space.ts";
import { PG } from "../../frame-table.ts";
import { protectionOf } from "../../memcg/protection.ts";
import type { MemoryManager } from "../../memory-manager.ts";
import { PTRS_PER_PTE } from "../../page-tables.ts";
import { frameOf, isPresent, isZeroPage, PTE_DIRTY, PTE_YOUNG } from "../../pte.ts";
import { DEF_PRIORITY, type ScanControl } from "../../reclaim/scan-control.ts";
import { genOf, MAX_NR_GENS, MIN_NR_GENS, type PageType, TYPES } from "./generations.ts";
import type { MultiGenLru } from "./mglru.ts";
import { WalkFilter } from "./walk-filter.ts";

/** A page table is worth walking again if one entry in eight was young: a cache line of them (suitable_to_scan, 6.1). */
const YOUNG_SHARE = 8;
/** Ranges of page tables are numbered so that no two tables have the same number. */
const TABLES_PER_RANGE = 2 ** 20;

/** Entries of a task's mapping or of a mapped file, and the number of its first table. */
interface Range {
  readonly ptes: Int32Array;
  readonly firstTable: number;
}

/** What an aging needs to know: whether the oldest pages run out, and how many pages a pass looks at. */
export interface AgingNeed {
  readonly needed: boolean;
  readonly toScan: number;
}

/** Makes new generations of one group: walks page tables for what was used, and moves the window of generations on. */
export class Aging {
  readonly filter: WalkFilter = new WalkFilter();
  readonly #lru: MultiGenLru;
  /** Tasks whose page tables were walked at least once. */
  readonly #known = new Set<number>();
  /** Reclaimers that are pressed wait here for whoever walks (lru_gen_mm_state.wait). */
  readonly #done: WaitQueue;
  #walking = false;

  constructor(lru: MultiGenLru) {
    this.#lru = lru;
    this.#done = new WaitQueue(lru.mm.engine, "lru_gen_mm_state");
  }

  /** age_lruvec, for kswapd before a pass: false if the group is below its memory.min, or all of it was used within min_ttl_ms. */
  *ageLruvec(scan: ScanControl): Actor<boolean> {
    const { mm, group, generations } = this.#lru;
    if (protectionOf(group) === "min") return false;
    const { needed, toScan } = this.need(scan);
    if (mm.minTtl > 0) {
      if (generations.oldestBornAt + mm.minTtl > mm.engine.now) return false;
      // So few pages that freeing them would hardly help.
      if (toScan === 0 && !isFirstPriority(scan)) return false;
    }
    if (needed) yield* this.tryToIncMaxSeq(scan);
    return true;
  }

  /** should_run_aging: too few generations, too many young pages, or too few old ones. */
  need(scan: ScanControl): AgingNeed {
    const { generations, swappiness } = this.#lru;
    const { maxSeq, minSeq } = generations;
    let young = 0;
    let old = 0;
    let total = 0;
    for (const type of scannable(swappiness)) {
      for (let seq = minSeq[type]; seq <= maxSeq; seq++) {
        const size = generations.size(genOf(seq), type);
        total += size;
        if (seq === maxSeq) young += size;
        else if (seq + MIN_NR_GENS === maxSeq) old += size;
      }
    }
    const oldest = minSeq[swappiness > 0 ? 0 : 1] + MIN_NR_GENS;
    const isShort = oldest > maxSeq || (oldest === maxSeq && (young * 2 > total || old * 4 < total));
    return { needed: isShort, toScan: Math.floor(total / 2 ** scan.priority) };
  }

  /**
   * try_to_inc_max_seq: walks what is worth it, then starts a new generation. If somebody else is at it, a reclaimer
   * that is pressed waits for him, and one that is not goes on without.
   */
  *tryToIncMaxSeq(scan: ScanControl): Actor {
    if (this.#walking) {
      if (scan.priority <= DEF_PRIORITY - 2) yield this.#done.wait("try_to_inc_max_seq");
      return;
    }
    this.#walking = true;
    scan.walksPageTables = true;
    const { mm, generations } = this.#lru;
    if (mm.walksPageTables) yield* this.#iterateMmList();
    for (const type of TYPES) if (generations.count(type) === MAX_NR_GENS) this.#incMinSeq(type);
    generations.open(mm.engine.now);
    this.#walking = false;
    this.#done.wakeAll();
  }

  /** iterate_mm_list: the tasks of the group that ran since they were last walked. */
  *#iterateMmList(): Actor {
    const { mm, group, generations } = this.#lru;
    const seq = generations.maxSeq;
    let forced = false;
    let walksAny = false;
    for (const task of mm.tasks) {
      if (task.group !== group || task.death) continue;
      if (!this.#known.has(task.id)) {
        this.#known.add(task.id);
        forced = true;
      }
      const walks = forced || task.wasScheduled || mm.faults.has("walkSleepers");
      task.wasScheduled = false;
      if (!walks) continue;
      if (!walksAny) this.filter.reset(seq + 1);
      walksAny = true;
      let entries = 0;
      for (const range of rangesOf(mm, task)) entries += this.#walkRange(range, forced, seq);
      yield* mm.processors.run("walk_page_range", entries * mm.costs.walkPte);
    }
  }

  /** walk_pmd_range over one mapping; returns how many entries were looked at. */
  #walkRange({ ptes, firstTable }: Range, forced: boolean, seq: number): number {
    let entries = 0;
    for (let first = 0, table = firstTable; first < ptes.length; first += PTRS_PER_PTE, table++) {
      if (!forced && !this.filter.passes(seq, table)) continue;
      const end = Math.min(first + PTRS_PER_PTE, ptes.length);
      const young = this.#walkTable(ptes, first, end, genOf(seq));
      // A table nobody used has its own accessed bit clear, and is passed over as a whole.
      if (young === 0) continue;
      entries += end - first;
      if (young * YOUNG_SHARE >= end - first) this.filter.add(seq + 1, table);
    }
    return entries;
  }

  /** walk_pte_range: young pages get the present youngest generation, which will soon be the second youngest. */
  #walkTable(ptes: Int32Array, first: number, end: number, gen: number): number {
    const { mm, group } = this.#lru;
    let young = 0;
    for (let page = first; page < end; page++) {
      const pte = ptes[page]!;
      if ((pte & PTE_YOUNG) === 0 || !isPresent(pte) || isZeroPage(pte)) continue;
      const frame = frameOf(pte);
      if (mm.frames.group[frame] !== group.id) continue;
      ptes[page] = pte & ~PTE_YOUNG;
      young++;
      this.promote(frame, pte, gen);
    }
    return young;
  }

  /** A page was found young: it is younger from now on. */
  promote(frame: number, pte: number, gen: number): void {
    const { mm, generations } = this.#lru;
    if ((pte & PTE_DIRTY) !== 0 && mm.frames.has(frame, PG.SwapCache)) mm.frames.set(frame, PG.Dirty);
    if (generations.generationOf(frame) < 0) {
      mm.frames.set(frame, PG.Referenced);
      return;
    }
    generations.clearRefs(frame);
    generations.renumber(frame, gen);
  }

  /** inc_min_seq: the oldest generation is joined to the tail of the next one. */
  #incMinSeq(type: PageType): void {
    const { generations, tiers, mm } = this.#lru;
    for (const { index } of mm.zones.zones) {
      const list = generations.listNumber(genOf(generations.minSeq[type]), type, index);
      while (!generations.isListEmpty(list)) {
        const frame = generations.last(list);
        this.incGeneration(frame, type);
        generations.sort(frame, true);
      }
    }
    tiers.carryOver(type);
    generations.minSeq[type]++;
  }

  /** folio_inc_gen: a page of the oldest generation becomes one of the next; one that is younger already stays so. */
  incGeneration(frame: number, type: PageType): void {
    const { generations } = this.#lru;
    const oldest = genOf(generations.minSeq[type]);
    if (generations.generationOf(frame) !== oldest) return;
    generations.clearRefs(frame);
    generations.renumber(frame, genOf(oldest + 1));
  }
}

/** Types whose pages may go. */
export function scannable(swappiness: number): readonly PageType[] {
  return swappiness > 0 ? TYPES : [1];
}

/** The page tables of a task: its memory, and files it has mapped. */
function rangesOf(mm: MemoryManager, task: AddressSpace): readonly Range[] {
  const own = { ptes: task.ptes, firstTable: tableOfTask(task.id) };
  const files = mm.files.filter(({ mapper }) => mapper === task);
  return [own, ...files.map(({ ptes, id }) => ({ ptes, firstTable: tableOfFile(id) }))];
}

/** Numbers of the first tables; those of files lie above those of all tasks. */
export const tableOfTask = (task: number): number => task * TABLES_PER_RANGE;
export const tableOfFile = (file: number): number => (2 ** 16 + file) * TABLES_PER_RANGE;

/** At its first priority a reclaimer makes do with the generations there are. */
export const isFirstPriority = ({ priority }: ScanControl): boolean => priority === DEF_PRIORITY;
