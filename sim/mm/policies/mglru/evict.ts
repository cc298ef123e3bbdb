import type { Plug } from "../../../block/index.ts";
import { type Actor, call, type Pages } from "../../../engine/index.ts";
import { type FrameId, PG } from "../../frame-table.ts";
import type { ScanControl } from "../../reclaim/scan-control.ts";
import { ShrinkBatch, shrinkFolioList } from "../../reclaim/shrink-folio-list.ts";
import { countFreed, countScanned } from "../reclaim-counters.ts";
import { scannable } from "./aging.ts";
import { ANON, FILE, genOf, MIN_NR_GENS, type PageType } from "./generations.ts";
import type { MultiGenLru } from "./mglru.ts";
import { tierOf } from "./tiers.ts";

/** Pages isolated at a time (MIN_LRU_BATCH), and looked at for that (MAX_LRU_BATCH), 6.1. */
const ISOLATE_MAX = 64;
const LOOK_MAX = 4096;
/** References that spare a page whatever its tier (BIT(LRU_REFS_WIDTH), 6.1). */
const REFS_SPARED = 4;

/** What isolate_folios brings. */
interface Isolation {
  readonly type: PageType;
  readonly isolated: readonly FrameId[];
  /** Pages looked at; 0 if there is nothing to look at. */
  readonly scanned: Pages;
}

/** How an eviction went. */
export interface Eviction {
  /** Pages looked at; 0 ends the pass. */
  readonly scanned: Pages;
  /** Anonymous pages were among those that went (need_swapping). */
  readonly tookAnon: boolean;
}

/** evict_folios: isolates pages of the oldest generation and shrinks them. */
export function* evictFolios(
  lru: MultiGenLru,
  scan: ScanControl,
  swappiness: number,
  plug: Plug,
): Actor<Eviction> {
  const { mm, generations } = lru;
  const { type, isolated, scanned, sorted } = isolateFolios(lru, scan, swappiness);
  const moved = tryToIncMinSeq(lru, swappiness);
  if (sorted > 0) yield* mm.processors.run("sort_folio", sorted * mm.costs.sortPage);
  const left = generations.count(swappiness > 0 ? ANON : FILE) === MIN_NR_GENS;
  const total = left ? 0 : scanned + (moved ? 1 : 0);
  if (isolated.length === 0) return { scanned: total, tookAnon: false };
  yield* shrinkIsolated(lru, isolated, type, scan, plug);
  return { scanned: total, tookAnon: type === ANON };
}

/** isolate_folios: the type that the feedback names, the other one if that yields nothing. */
function isolateFolios(
  lru: MultiGenLru,
  scan: ScanControl,
  swappiness: number,
): Isolation & { readonly sorted: Pages } {
  let { type, tier } = typeToScan(lru, swappiness);
  const isolated: FrameId[] = [];
  lru.mm.zones.tellIfShort("lists");
  let sorted = 0;
  for (const _attempt of scannable(swappiness)) {
    const found = scanFolios(lru, scan, type, tier ?? lru.tiers.ownTier(type), isolated);
    sorted += found.sorted;
    if (found.scanned > 0) return { type, isolated, scanned: found.scanned, sorted };
    type = type === ANON ? FILE : ANON;
    tier = undefined;
  }
  return { type, isolated, scanned: 0, sorted };
}

/** get_type_to_scan and its special cases; without a tier the type's own refaults decide. */
function typeToScan(
  { generations, tiers }: MultiGenLru,
  swappiness: number,
): { type: PageType; tier: number | undefined } {
  const { minSeq } = generations;
  if (swappiness === 0) return { type: FILE, tier: undefined };
  if (minSeq[ANON] < minSeq[FILE]) return { type: ANON, tier: undefined };
  if (swappiness === 1) return { type: FILE, tier: undefined };
  if (swappiness === 200) return { type: ANON, tier: undefined };
  return tiers.typeAndTier(swappiness);
}

/** scan_folios: from the tail of the oldest generation; what does not belong there any more is sorted away. */
function scanFolios(
  lru: MultiGenLru,
  scan: ScanControl,
  type: PageType,
  tier: number,
  isolated: FrameId[],
): { readonly scanned: Pages; readonly sorted: Pages } {
  const { mm, group, generations } = lru;
  if (generations.count(type) === MIN_NR_GENS) return { scanned: 0, sorted: 0 };
  const before = isolated.length;
  let scanned = 0;
  let sorted = 0;
  for (const zone of zonesInOrder(mm.zones.highest, scan.reclaimIndex)) {
    const list = generations.listNumber(genOf(generations.minSeq[type]), type, zone);
    while (scanned < LOOK_MAX && isolated.length - before < ISOLATE_MAX && !generations.isListEmpty(list)) {
      const frame = generations.last(list);
      scanned++;
      if (sortFolio(lru, frame, type, tier, zone > scan.reclaimIndex)) sorted++;
      else {
        isolateFolio(lru, frame);
        isolated.push(frame);
      }
    }
  }
  const taken = isolated.length - before;
  if (scan.isGlobal) mm.vm.pgrefill += sorted;
  group.counted.pgrefill += sorted;
  mm.rstat.updated(sorted);
  countScanned(mm, group, scan, type === FILE, taken);
  return { scanned: taken > 0 || scanned === LOOK_MAX ? scanned : 0, sorted };
}

/** Zones in the order of scanning: down from the one that is short, then the higher ones, whose pages are sorted away. */
function zonesInOrder(highest: number, reclaimIndex: number): readonly number[] {
  const first = Math.min(reclaimIndex, highest);
  const zones: number[] = [];
  for (let zone = first; zone >= 0; zone--) zones.push(zone);
  for (let zone = highest; zone > first; zone--) zones.push(zone);
  return zones;
}

/** sort_folio: true if the page does not go now. */
function sortFolio(
  lru: MultiGenLru,
  frame: FrameId,
  type: PageType,
  tierMax: number,
  isInHigherZone: boolean,
): boolean {
  const { mm, generations, aging, tiers } = lru;
  const { frames, vm, rstat } = mm;
  if (generations.generationOf(frame) !== genOf(generations.minSeq[type])) {
    generations.sort(frame, false);
    return true;
  }
  const refs = lru.refsOf(frame);
  const tier = tierOf(refs);
  if ((tier > tierMax && !mm.faults.has("noTiers")) || refs === REFS_SPARED) {
    aging.incGeneration(frame, type);
    generations.sort(frame, true);
    tiers.protected(type, tier);
    vm[type === FILE ? "workingset_activate_file" : "workingset_activate_anon"]++;
    rstat.updated(1);
    return true;
  }
  if (isInHigherZone) {
    aging.incGeneration(frame, type);
    generations.sort(frame, true);
    return true;
  }
  const isBusy =
    frames.has(frame, PG.Locked | PG.Writeback) || (type === FILE && frames.has(frame, PG.Dirty));
  if (!isBusy) return false;
  aging.incGeneration(frame, type);
  frames.set(frame, PG.Reclaim);
  generations.sort(frame, false);
  return true;
}

/** isolate_folio: what is known of its accesses ends here, unless the last one was seen only now. */
function isolateFolio({ generations, mm }: MultiGenLru, frame: FrameId): void {
  if (!mm.frames.has(frame, PG.Referenced)) generations.clearRefs(frame);
  mm.frames.clear(frame, PG.Reclaim | PG.Referenced);
  generations.remove(frame, true);
}

/** try_to_inc_min_seq: passes over empty oldest generations; anon and file stay within one of each other. */
function tryToIncMinSeq({ generations, tiers }: MultiGenLru, swappiness: number): boolean {
  const { maxSeq, minSeq } = generations;
  const next: [number, number] = [minSeq[ANON], minSeq[FILE]];
  for (const type of scannable(swappiness)) {
    while (next[type] + MIN_NR_GENS <= maxSeq && generations.isEmpty(genOf(next[type]), type)) {
      next[type]++;
    }
  }
  if (swappiness > 0) {
    next[ANON] = Math.min(next[ANON], next[FILE]);
    next[FILE] = Math.max(next[ANON], minSeq[FILE]);
  }
  let moved = false;
  for (const type of scannable(swappiness)) {
    if (next[type] === minSeq[type]) continue;
    tiers.carryOver(type);
    minSeq[type] = next[type];
    moved = true;
  }
  return moved;
}

/** The rest of evict_folios: pages whose write ended meanwhile are tried once more. */
function* shrinkIsolated(
  lru: MultiGenLru,
  isolated: readonly FrameId[],
  type: PageType,
  scan: ScanControl,
  plug: Plug,
): Actor {
  const { mm, group, generations } = lru;
  const { frames } = mm;
  let list = isolated;
  for (let isRetry = false; list.length > 0; isRetry = true) {
    const batch = new ShrinkBatch(list);
    yield call(shrinkFolioList(mm, group, batch, scan, plug));
    const { kept, freed } = batch;
    const clean: FrameId[] = [];
    for (const frame of kept) {
      if (frames.has(frame, PG.Reclaim) && frames.has(frame, PG.Dirty | PG.Writeback)) {
        if (frames.has(frame, PG.Workingset)) frames.set(frame, PG.Referenced);
      } else if (isRetry || frames.has(frame, IN_USE)) {
        generations.clearRefs(frame);
        frames.set(frame, PG.Active);
      } else {
        clean.push(frame);
        continue;
      }
      generations.add(frame, false);
    }
    mm.rstat.updated(kept.length - clean.length);
    countFreed(mm, group, scan, type === FILE, freed);
    list = clean;
  }
}

/** A page with any of these is not given up now. */
const IN_USE = PG.Active | PG.Referenced | PG.Mapped | PG.Locked | PG.Dirty | PG.Writeback;
