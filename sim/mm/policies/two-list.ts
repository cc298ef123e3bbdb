import type { Plug } from "../../block/index.ts";
import { type Actor, assert, type Pages } from "../../engine/index.ts";
import { type FrameId, type FrameTable, PG } from "../frame-table.ts";
import { LRU_LISTS, LruList, LruLists } from "../lru-lists.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { PTE_YOUNG } from "../page-table.ts";
import { type ScanControl, SWAP_CLUSTER_MAX } from "../reclaim/scan-control.ts";
import { shrinkFolioList } from "../reclaim/shrink-folio-list.ts";
import { countFreed, countScanned } from "./reclaim-counters.ts";
import type { ReclaimPolicy, ReclaimPolicyEntry } from "./reclaim-policy.ts";
import { inactiveIsLow, scanBalance, scanWeights } from "./scan-balance.ts";
import { packShadow, refaultDistance, wasWorkingset } from "./workingset.ts";

const { InactiveAnon, ActiveAnon, InactiveFile, ActiveFile } = LruList;

/**
 * The classic LRU of Linux 6.1: an inactive and an active list for anonymous and for file pages, balanced by cost,
 * with refault distances. New pages enter inactive; two touches or a short refault distance make them active.
 */
class TwoListLru implements ReclaimPolicy {
  readonly accesses = undefined;
  readonly rechecksReferences = true;
  readonly #mm: MemoryManager;
  readonly #frames: FrameTable;
  readonly #lists: LruLists;
  /** What reclaim has cost lately, by type (lruvec->anon_cost, file_cost). */
  #anonCost = 0;
  #fileCost = 0;
  /** Evictions and activations so far (lruvec->nonresident_age). */
  #age = 0;
  /** workingset_activate_anon at the end of the last reclaim call (lruvec->refaults). */
  #activateSnapshot = 0;

  constructor(mm: MemoryManager) {
    this.#mm = mm;
    this.#frames = mm.frames;
    this.#lists = new LruLists(mm.frames);
  }

  add(frame: FrameId): void {
    this.#lists.addHead(this.#listOf(frame), frame);
  }

  remove(frame: FrameId): void {
    this.#lists.remove(this.#listOf(frame), frame);
  }

  rotate(frame: FrameId): void {
    this.remove(frame);
    this.#frames.clear(frame, PG.Active);
    this.#lists.addTail(InactiveAnon, frame);
    this.#mm.vm.pgrotated++;
  }

  shadowOf(frame: FrameId): number {
    return packShadow(this.#age++, this.#frames.has(frame, PG.Workingset));
  }

  /** workingset_refault: a page that was away for no longer than the lists are long comes back active. */
  refault(frame: FrameId, shadow: number): void {
    if (shadow === 0) return;
    const { vm } = this.#mm;
    vm.workingset_refault_anon++;
    if (refaultDistance(shadow, this.#age) > this.#workingsetSize()) return;
    this.#frames.set(frame, PG.Active);
    this.#age++;
    vm.workingset_activate_anon++;
    if (!wasWorkingset(shadow)) return;
    this.#frames.set(frame, PG.Workingset);
    this.#noteAnonCost(1);
    vm.workingset_restore_anon++;
  }

  reclaimable(): Pages {
    return this.#mm.swap.free > 0 ? this.#size(InactiveAnon) + this.#size(ActiveAnon) : 0;
  }

  reclaimEnded(): void {
    this.#activateSnapshot = this.#mm.vm.workingset_activate_anon;
  }

  /** kswapd_age_node. */
  age(): void {
    if (this.#mm.swap.total > 0 && this.#anonInactiveIsLow()) this.#shrinkActiveList(SWAP_CLUSTER_MAX);
  }

  /** shrink_lruvec: 32 pages of each list in turn until the computed amounts are used up or the target is reached. */
  *shrink(scan: ScanControl, plug: Plug): Actor {
    const mayDeactivate = this.#mayDeactivate(scan);
    const left = this.#scanCounts(scan, mayDeactivate);
    // At its first priority a direct reclaimer does all that was computed: stopping early would starve the aging.
    const batchMode = scan.reclaimer === "direct" && scan.priority === 12;
    while (left[InactiveAnon]! > 0) {
      yield* this.#shrinkInactiveList(takeBatch(left, InactiveAnon), scan, plug);
      if (left[ActiveAnon]! > 0) this.#shrinkActiveIf(mayDeactivate, takeBatch(left, ActiveAnon), scan);
      if (scan.reclaimed >= scan.target && !batchMode) break;
    }
    this.age();
  }

  sizes(): Readonly<Record<string, Pages>> {
    return { inactive_anon: this.#size(InactiveAnon), active_anon: this.#size(ActiveAnon) };
  }

  check(): readonly string[] {
    const broken: string[] = [];
    for (let list = 0; list < LRU_LISTS; list++) {
      const counted = this.#lists.countByWalking(list);
      if (counted !== this.#size(list)) {
        broken.push(`LRU list ${list} holds ${counted} frames and says ${this.#size(list)}`);
      }
    }
    return broken;
  }

  #size(list: number): Pages {
    return this.#lists.size(list);
  }

  #listOf(frame: FrameId): number {
    return this.#frames.has(frame, PG.Active) ? ActiveAnon : InactiveAnon;
  }

  #anonInactiveIsLow(): boolean {
    return inactiveIsLow(this.#size(InactiveAnon), this.#size(ActiveAnon));
  }

  /** Pages that could be in memory instead of the one that refaults; anon pages only go if there is swap. */
  #workingsetSize(): Pages {
    const files = this.#size(ActiveFile) + this.#size(InactiveFile);
    return files + (this.#mm.swap.free > 0 ? this.#size(ActiveAnon) : 0);
  }

  /** prepare_scan_count: activations since the last call, or a short inactive list, open the active list. */
  #mayDeactivate(scan: ScanControl): boolean {
    return (
      scan.forceDeactivate ||
      this.#mm.vm.workingset_activate_anon !== this.#activateSnapshot ||
      this.#anonInactiveIsLow()
    );
  }

  #scanCounts(scan: ScanControl, mayDeactivate: boolean): number[] {
    const mm = this.#mm;
    const inactive = this.#size(InactiveAnon) >> scan.priority;
    const active = this.#size(ActiveAnon) >> scan.priority;
    const balance = scanBalance({
      swapFree: mm.swap.free > 0,
      swappiness: mm.swappiness,
      priority: scan.priority,
      fileIsTiny: this.#filePages() + mm.frames.free <= mm.marks.high && !mayDeactivate && inactive > 0,
      cacheTrimMode: false,
    });
    if (balance === "file") return [0, 0, 0, 0];
    if (balance !== "fraction") return [inactive, active, 0, 0];
    const { anon, file } = scanWeights(this.#anonCost, this.#fileCost, mm.swappiness);
    const share = (pages: Pages): Pages => Math.floor((pages * anon) / (anon + file));
    return [share(inactive), share(active), 0, 0];
  }

  #filePages(): Pages {
    return this.#size(ActiveFile) + this.#size(InactiveFile);
  }

  *#shrinkInactiveList(count: number, scan: ScanControl, plug: Plug): Actor {
    const isolated: FrameId[] = [];
    this.#lists.isolateTail(InactiveAnon, count, isolated);
    if (isolated.length === 0) return;
    countScanned(this.#mm.vm, scan, isolated.length);
    const { kept, freed, submitted } = yield* shrinkFolioList(this.#mm, isolated, scan, plug);
    for (const frame of kept) this.#putBack(frame);
    this.#noteAnonCost(submitted);
    countFreed(this.#mm.vm, scan, freed);
  }

  #putBack(frame: FrameId): void {
    this.add(frame);
    if (this.#frames.has(frame, PG.Active)) this.#age++;
  }

  #shrinkActiveIf(mayDeactivate: boolean, count: number, scan: ScanControl): void {
    if (mayDeactivate) this.#shrinkActiveList(count);
    else scan.skippedDeactivate = true;
  }

  /** shrink_active_list: anonymous pages go to the inactive head whether they were touched or not. */
  #shrinkActiveList(count: number): void {
    const { vm, tasks } = this.#mm;
    const frames = this.#frames;
    const isolated: FrameId[] = [];
    this.#lists.isolateTail(ActiveAnon, count, isolated);
    vm.pgrefill += isolated.length;
    vm.pgdeactivate += isolated.length;
    for (const frame of isolated) {
      if (frames.has(frame, PG.Mapped)) {
        tasks[frames.ownerTask[frame]!]!.ptes[frames.ownerPage[frame]!]! &= ~PTE_YOUNG;
      }
      frames.clear(frame, PG.Active);
      frames.set(frame, PG.Workingset);
      this.#lists.addHead(InactiveAnon, frame);
    }
  }

  /** lru_note_cost: both are halved once they exceed a quarter of the lists. */
  #noteAnonCost(pages: Pages): void {
    this.#anonCost += pages;
    let lru = 0;
    for (let list = 0; list < LRU_LISTS; list++) lru += this.#size(list);
    if (this.#anonCost + this.#fileCost <= Math.floor(lru / 4)) return;
    this.#anonCost = Math.floor(this.#anonCost / 2);
    this.#fileCost = Math.floor(this.#fileCost / 2);
  }
}

function takeBatch(left: number[], list: number): number {
  const count = Math.min(left[list]!, SWAP_CLUSTER_MAX);
  assert(count >= 0, "a scan count is not negative");
  left[list]! -= count;
  return count;
}

export const twoListPolicy: ReclaimPolicyEntry = {
  name: "classic",
  summary: "Inactive and active lists with scan balance and refault distance.",
  source: "mm/vmscan.c and mm/workingset.c, Linux 6.1",
  parameters: {},
  needsFuture: false,
  create: (mm) => new TwoListLru(mm),
};
