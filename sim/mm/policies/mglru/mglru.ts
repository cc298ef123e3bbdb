import type { Plug } from "../../../block/index.ts";
import type { Actor, Pages } from "../../../engine/index.ts";
import { type FrameId, type FrameTable, PG } from "../../frame-table.ts";
import type { MemCgroup } from "../../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../../memory-manager.ts";
import type { ScanControl } from "../../reclaim/scan-control.ts";
import type { ReclaimPolicy, ReclaimPolicyEntry } from "../reclaim-policy.ts";
import { Aging } from "./aging.ts";
import { ANON, FILE, Generations, genOf, MAX_NR_GENS } from "./generations.ts";
import { lookAround } from "./look-around.ts";
import { shrinkLruvec } from "./shrink-lruvec.ts";
import { TierControl } from "./tiers.ts";

/** Reclaimable slots below which swap counts as full (MIN_LRU_BATCH, get_swappiness, 6.1). */
const SWAP_LEFT_MIN: Pages = 64;
/** References that a page read in a fault, or used often before, comes back with (BIT(LRU_REFS_WIDTH) - 1, 6.1). */
const REFS_RESTORED = 3;

/**
 * The multi-generational LRU of Linux 6.1 for one group: pages are sorted by when they were last used, found out by
 * walks of the page tables; eviction takes the oldest generation, and spares tiers of it that refault too often.
 */
export class MultiGenLru implements ReclaimPolicy {
  readonly accesses = undefined;
  readonly rechecksReferences = true;
  readonly agesOnlyWhenNeeded = true;
  readonly keepsReferenced = true;
  readonly usesBatches = true;
  readonly faultedPagesAreActive = true;
  readonly mm: MemoryManager;
  readonly group: MemCgroup;
  readonly generations: Generations;
  readonly tiers: TierControl = new TierControl();
  readonly aging: Aging;
  readonly #frames: FrameTable;

  constructor(mm: MemoryManager, group: MemCgroup) {
    this.mm = mm;
    this.group = group;
    this.#frames = mm.frames;
    this.generations = new Generations(mm.frames, mm.zones, mm.engine.now);
    this.aging = new Aging(this);
  }

  add(frame: FrameId): void {
    this.generations.add(frame, false);
    this.mm.rstat.updated(1);
  }

  remove(frame: FrameId): void {
    this.generations.remove(frame, false);
    this.mm.rstat.updated(1);
  }

  rotate(frame: FrameId): void {
    this.generations.remove(frame, false);
    this.#frames.clear(frame, PG.Active);
    this.generations.add(frame, true);
    this.mm.vm.pgrotated++;
    this.mm.rstat.updated(2);
  }

  activate(frame: FrameId): void {
    this.generations.remove(frame, false);
    this.#frames.set(frame, PG.Active);
    this.generations.add(frame, false);
    this.mm.rstat.updated(3);
  }

  /** folio_inc_refs: reads are counted, none of them makes a page younger. */
  markAccessed(frame: FrameId): void {
    if (!this.#frames.has(frame, PG.Referenced)) this.#frames.set(frame, PG.Referenced);
    else if (!this.#frames.has(frame, PG.Workingset)) this.#frames.set(frame, PG.Workingset);
    else this.generations.setRefs(frame, this.generations.refsOf(frame) + 1);
  }

  foundYoung(frame: FrameId, scan: ScanControl): void {
    lookAround(this, frame, scan);
  }

  /** folio_lru_refs. */
  refsOf(frame: FrameId): number {
    return this.generations.refsOf(frame) + (this.#frames.has(frame, PG.Workingset) ? 1 : 0);
  }

  /** lru_gen_eviction: the shadow holds the oldest sequence number and the references. Never 0. */
  shadowOf(frame: FrameId): number {
    const type = this.generations.typeOf(frame);
    const refs = this.refsOf(frame);
    this.tiers.evicted(type, refs);
    return packShadow(this.generations.minSeq[type], refs);
  }

  /** lru_gen_refault: counts only while the generation it was evicted from is still the oldest one. */
  refault(frame: FrameId, shadow: number, inFault: boolean): void {
    if (shadow === 0) return;
    const type = this.generations.typeOf(frame);
    if (!isRecent(shadow, this.generations.minSeq[type])) return;
    const { vm, rstat } = this.mm;
    const refs = refsIn(shadow);
    this.tiers.refaulted(type, refs);
    vm[type === FILE ? "workingset_refault_file" : "workingset_refault_anon"]++;
    rstat.updated(1);
    if (!inFault && refs < REFS_RESTORED) return;
    this.generations.setRefs(frame, REFS_RESTORED);
    this.#frames.set(frame, PG.Workingset);
    vm[type === FILE ? "workingset_restore_file" : "workingset_restore_anon"]++;
    rstat.updated(1);
  }

  age(scan: ScanControl): Actor<boolean> {
    return this.aging.ageLruvec(scan);
  }

  shrink(scan: ScanControl, plug: Plug): Actor {
    return shrinkLruvec(this, scan, plug);
  }

  reclaimEnded(): void {}

  reclaimable(): Pages {
    const anon = this.swappiness > 0 ? this.generations.totalOf(ANON) : 0;
    return this.generations.totalOf(FILE) + anon;
  }

  /** get_swappiness: 0 as soon as there is next to no swap left. */
  get swappiness(): number {
    return this.mm.swapLeft(this.group) < SWAP_LEFT_MIN ? 0 : this.mm.swappiness;
  }

  sizes(): Readonly<Record<string, Pages>> {
    const { maxSeq } = this.generations;
    const sizes: Record<string, Pages> = {};
    for (let age = 0; age < MAX_NR_GENS; age++) {
      const gen = genOf(maxSeq - age + MAX_NR_GENS);
      const which = age === 0 ? "youngest" : `youngest-${age}`;
      sizes[`${which} anon`] = this.generations.size(gen, ANON);
      sizes[`${which} file`] = this.generations.size(gen, FILE);
    }
    return sizes;
  }

  check(): readonly string[] {
    return this.generations.check();
  }
}

/** Shadows are 32-bit: 28 bits of sequence number, two of references less one, one says that there were any; not 0. */
const SEQ_LIMIT = 2 ** 28;

function packShadow(seq: number, refs: number): number {
  const used = refs > 0 ? 1 : 0;
  return (seq % SEQ_LIMIT) * 8 + Math.max(refs - 1, 0) * 2 + used + 1;
}

function isRecent(shadow: number, minSeq: number): boolean {
  return Math.floor((shadow - 1) / 8) === minSeq % SEQ_LIMIT;
}

function refsIn(shadow: number): number {
  const bits = (shadow - 1) % 8;
  return (bits >> 1) + (bits & 1);
}

export const mglruPolicy: ReclaimPolicyEntry = {
  name: "mglru",
  summary: "Multi-generational LRU: generations found by page-table walks, tiers by refaults.",
  source: "mm/vmscan.c (lru_gen) and mm/workingset.c, Linux 6.1",
  parameters: {},
  needsFuture: false,
  numbersPages: false,
  create: (mm, group) => new MultiGenLru(mm, group),
};
