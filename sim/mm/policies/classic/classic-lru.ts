import type { Plug } from "../../../block/index.ts";
import type { Actor, Pages } from "../../../engine/index.ts";
import { type FrameId, type FrameTable, PG } from "../../frame-table.ts";
import { LruLists } from "../../lru-lists.ts";
import type { MemCgroup } from "../../memcg/mem-cgroup.ts";
import { Stat } from "../../memcg/rstat.ts";
import type { MemoryManager } from "../../memory-manager.ts";
import { type ScanControl, SWAP_CLUSTER_MAX } from "../../reclaim/scan-control.ts";
import type { ReclaimPolicy, ReclaimPolicyEntry } from "../reclaim-policy.ts";
import { LRU_LISTS, LruList } from "./lists.ts";
import { RecentReclaim } from "./recent-reclaim.ts";
import { inactiveIsLow } from "./scan-balance.ts";
import { shrinkActiveList } from "./shrink-lists.ts";
import { shrinkLruvec } from "./shrink-lruvec.ts";
import { packShadow, refaultDistance, wasWorkingset } from "./workingset.ts";

const { InactiveAnon, ActiveAnon, InactiveFile, ActiveFile } = LruList;

/**
 * The classic LRU of Linux 6.1 for one group: an inactive and an active list for anonymous and for file pages,
 * balanced by cost, with refault distances. New pages enter inactive; two touches or a short refault distance make
 * them active.
 */
export class ClassicLru implements ReclaimPolicy {
  readonly accesses = undefined;
  readonly rechecksReferences = true;
  readonly agesOnlyWhenNeeded = false;
  readonly keepsReferenced = false;
  readonly usesBatches = true;
  readonly faultedPagesAreActive = false;
  readonly mm: MemoryManager;
  readonly group: MemCgroup;
  readonly lists: LruLists;
  readonly #frames: FrameTable;
  /** What reclaim has cost lately, by type (lruvec->anon_cost, file_cost). */
  anonCost = 0;
  fileCost = 0;
  /** The same as kernels until 5.8 kept it. */
  readonly recent: { readonly anon: RecentReclaim; readonly file: RecentReclaim } = {
    anon: new RecentReclaim(),
    file: new RecentReclaim(),
  };
  /** Evictions and activations so far (lruvec->nonresident_age). */
  #age = 0;
  /** Activated refaults at the end of the last reclaim call (lruvec->refaults), anon and file. */
  readonly #refaults = [0, 0];

  constructor(mm: MemoryManager, group: MemCgroup) {
    this.mm = mm;
    this.group = group;
    this.#frames = mm.frames;
    this.lists = new LruLists(mm.frames, LRU_LISTS, mm.zones);
  }

  /** A page comes in; until 5.8 an active one counts as used. */
  add(frame: FrameId): void {
    this.recentOf(this.#frames.isFile(frame)).note(1, this.#frames.has(frame, PG.Active) ? 1 : 0);
    this.insert(frame);
  }

  recentOf(file: boolean): RecentReclaim {
    return file ? this.recent.file : this.recent.anon;
  }

  /** The page goes to the head of its list. */
  insert(frame: FrameId): void {
    const list = this.#listOf(frame);
    this.lists.addHead(list, frame);
    this.mm.rstat.change(this.group.stats, list, 1);
  }

  remove(frame: FrameId): void {
    const list = this.#listOf(frame);
    this.lists.remove(list, frame);
    this.mm.rstat.change(this.group.stats, list, -1);
  }

  rotate(frame: FrameId): void {
    this.remove(frame);
    this.#frames.clear(frame, PG.Active);
    const list = this.#listOf(frame);
    this.lists.addTail(list, frame);
    this.mm.rstat.change(this.group.stats, list, 1);
    this.mm.vm.pgrotated++;
  }

  activate(frame: FrameId): void {
    this.remove(frame);
    this.#frames.set(frame, PG.Active);
    this.add(frame);
    this.mm.rstat.updated(1);
  }

  /** The first read marks the page, the second one activates it. */
  markAccessed(frame: FrameId): void {
    if (!this.#frames.has(frame, PG.Referenced)) {
      this.#frames.set(frame, PG.Referenced);
      return;
    }
    if (this.#frames.has(frame, PG.Active)) return;
    if (this.#frames.has(frame, PG.Lru)) this.mm.batches.activate(frame);
    else this.#frames.set(frame, PG.Active);
    this.#frames.clear(frame, PG.Referenced);
    this.#age++;
  }

  foundYoung(): void {}

  shadowOf(frame: FrameId): number {
    return packShadow(this.#age++, this.#frames.has(frame, PG.Workingset));
  }

  /** workingset_refault: a page that was away for no longer than the lists are long comes back active. */
  refault(frame: FrameId, shadow: number): void {
    if (shadow === 0) return;
    const { vm, rstat } = this.mm;
    const file = this.#frames.isFile(frame);
    if (!file && !this.mm.profile.anonRefaults) return;
    vm[file ? "workingset_refault_file" : "workingset_refault_anon"]++;
    rstat.updated(1);
    if (this.mm.faults.has("noRefaultActivation")) return;
    if (refaultDistance(shadow, this.#age) > this.#workingsetSize(file)) return;
    this.#frames.set(frame, PG.Active);
    this.#age++;
    vm[file ? "workingset_activate_file" : "workingset_activate_anon"]++;
    rstat.change(this.group.stats, file ? Stat.workingset_activate_file : Stat.workingset_activate_anon, 1);
    if (!wasWorkingset(shadow)) return;
    this.#frames.set(frame, PG.Workingset);
    this.noteCost(file, 1);
    vm[file ? "workingset_restore_file" : "workingset_restore_anon"]++;
    rstat.updated(1);
  }

  reclaimable(): Pages {
    const file = this.#size(InactiveFile) + this.#size(ActiveFile);
    return file + (this.mm.swapLeft(this.group) > 0 ? this.#size(InactiveAnon) + this.#size(ActiveAnon) : 0);
  }

  reclaimEnded(): void {
    const { flushed } = this.group.stats;
    this.#refaults[0] = flushed[Stat.workingset_activate_anon]!;
    this.#refaults[1] = flushed[Stat.workingset_activate_file]!;
  }

  *age(scan: ScanControl): Actor<boolean> {
    if (this.mm.swap.total > 0 && this.inactiveIsLow(false)) {
      yield* shrinkActiveList(this, ActiveAnon, SWAP_CLUSTER_MAX, scan);
    }
    return true;
  }

  shrink(scan: ScanControl, plug: Plug): Actor {
    return shrinkLruvec(this, scan, plug);
  }

  sizes(): Readonly<Record<string, Pages>> {
    return {
      inactive_anon: this.#size(InactiveAnon),
      active_anon: this.#size(ActiveAnon),
      inactive_file: this.#size(InactiveFile),
      active_file: this.#size(ActiveFile),
    };
  }

  check(): readonly string[] {
    const broken: string[] = [];
    for (let list = 0; list < LRU_LISTS; list++) {
      const counted = this.lists.countByWalking(list);
      if (counted !== this.#size(list)) {
        broken.push(`LRU list ${list} holds ${counted} frames and says ${this.#size(list)}`);
      }
      const noted = this.group.stats.now[list];
      if (counted !== noted) broken.push(`LRU list ${list} holds ${counted} frames, statistics say ${noted}`);
    }
    return broken;
  }

  /** Whether refaults were activated since the last reclaim call, as far as the statistics know. */
  hasNewActivations(file: boolean): boolean {
    const { flushed } = this.group.stats;
    const now = file ? flushed[Stat.workingset_activate_file]! : flushed[Stat.workingset_activate_anon]!;
    return now !== this.#refaults[file ? 1 : 0];
  }

  /** inactive_is_low, on the statistics of the last flush. */
  inactiveIsLow(file: boolean): boolean {
    const { flushed } = this.group.stats;
    return file
      ? inactiveIsLow(flushed[InactiveFile]!, flushed[ActiveFile]!)
      : inactiveIsLow(flushed[InactiveAnon]!, flushed[ActiveAnon]!);
  }

  /** A page goes back to its list after reclaim looked at it. */
  putBack(frame: FrameId): void {
    if (this.#frames.has(frame, PG.Active)) this.#age++;
    this.insert(frame);
  }

  /** lru_note_cost: both are halved once they exceed a quarter of the lists. */
  noteCost(file: boolean, pages: Pages): void {
    if (file) this.fileCost += pages;
    else this.anonCost += pages;
    const { flushed } = this.group.stats;
    const lru = flushed[InactiveAnon]! + flushed[ActiveAnon]! + flushed[InactiveFile]! + flushed[ActiveFile]!;
    if (this.anonCost + this.fileCost <= Math.floor(lru / 4)) return;
    this.anonCost = Math.floor(this.anonCost / 2);
    this.fileCost = Math.floor(this.fileCost / 2);
  }

  #size(list: number): Pages {
    return this.lists.size(list);
  }

  #listOf(frame: FrameId): number {
    const flags = this.#frames.flags[frame]!;
    return ((flags & PG.File) !== 0 ? InactiveFile : InactiveAnon) + ((flags & PG.Active) !== 0 ? 1 : 0);
  }

  /** Pages that could be in memory instead of the one that refaults; anon pages only go if there is swap. */
  #workingsetSize(file: boolean): Pages {
    const { flushed } = this.group.stats;
    let pages = flushed[ActiveFile]! + (file ? 0 : flushed[InactiveFile]!);
    if (this.mm.swapLeft(this.group) > 0) pages += flushed[ActiveAnon]! + (file ? flushed[InactiveAnon]! : 0);
    return pages;
  }
}

export const classicPolicy: ReclaimPolicyEntry = {
  name: "classic",
  summary: "Inactive and active lists with scan balance and refault distance.",
  source: "mm/vmscan.c and mm/workingset.c, Linux 6.1",
  parameters: {},
  needsFuture: false,
  numbersPages: false,
  create: (mm, group) => new ClassicLru(mm, group),
};
