import type { Plug } from "../../../block/index.ts";
import { type Actor, assert, type Pages } from "../../../engine/index.ts";
import { protectedSize } from "../../memcg/protection.ts";
import { type ScanControl, SWAP_CLUSTER_MAX } from "../../reclaim/scan-control.ts";
import type { ClassicLru } from "./classic-lru.ts";
import { isActiveList, isFileList, LRU_LISTS, LruList } from "./lists.ts";
import { rotationWeights } from "./recent-reclaim.ts";
import { scanBalance, scanWeights } from "./scan-balance.ts";
import { shrinkActiveList, shrinkInactiveList } from "./shrink-lists.ts";

const { InactiveAnon, ActiveAnon, InactiveFile, ActiveFile } = LruList;

/** What prepare_scan_count finds out before a pass. */
interface Preparation {
  readonly anonCost: number;
  readonly fileCost: number;
  /** Active lists that may be shrunk. */
  readonly mayDeactivate: { readonly anon: boolean; readonly file: boolean };
  readonly cacheTrimMode: boolean;
  readonly fileIsTiny: boolean;
}

/** shrink_lruvec: 32 pages of each list in turn until the computed amounts are used up or the target is reached. */
export function* shrinkLruvec(lru: ClassicLru, scan: ScanControl, plug: Plug): Actor {
  const { mm } = lru;
  if (mm.rstat.flushIsDue) {
    yield* mm.processors.run("mem_cgroup_flush_stats", mm.costs.flushStatistics);
    mm.rstat.flush();
  }
  const prepared = prepareScanCount(lru, scan);
  const targets = getScanCount(lru, scan, prepared);
  const left = [...targets];
  const before = scan.reclaimed;
  // At its first priority a direct reclaimer does all that was computed: stopping early would starve the aging.
  const scanAll = scan.reclaimer === "direct" && scan.isGlobal && scan.priority === 12;
  while (left[InactiveAnon]! > 0 || left[ActiveFile]! > 0 || left[InactiveFile]! > 0) {
    for (let list = 0; list < LRU_LISTS; list++) {
      if (left[list]! > 0) yield* shrinkList(lru, list, takeBatch(left, list), scan, plug, prepared);
    }
    if (scan.reclaimed - before < scan.target || scanAll) continue;
    if (!balanceWhatIsLeft(left, targets)) break;
  }
  yield* lru.age(scan);
}

function* shrinkList(
  lru: ClassicLru,
  list: number,
  count: Pages,
  scan: ScanControl,
  plug: Plug,
  { mayDeactivate }: Preparation,
): Actor {
  if (!isActiveList(list)) yield* shrinkInactiveList(lru, list, count, scan, plug);
  else if (isFileList(list) ? mayDeactivate.file : mayDeactivate.anon) {
    yield* shrinkActiveList(lru, list, count, scan);
  } else scan.skippedDeactivate = true;
}

/** Once the target is reached the smaller type stops and the other one is cut to the same share. */
function balanceWhatIsLeft(left: Pages[], targets: readonly Pages[]): boolean {
  const file = left[InactiveFile]! + left[ActiveFile]!;
  const anon = left[InactiveAnon]! + left[ActiveAnon]!;
  if (file === 0 || anon === 0) return false;
  const [stops, goesOn, rest] =
    file > anon ? [InactiveAnon, InactiveFile, anon] : [InactiveFile, InactiveAnon, file];
  const target = targets[stops]! + targets[stops + 1]! + 1;
  const percentage = Math.floor((rest * 100) / target);
  left[stops] = 0;
  left[stops + 1] = 0;
  for (const list of [goesOn, goesOn + 1]) {
    const scanned = targets[list]! - left[list]!;
    const share = Math.floor((targets[list]! * (100 - percentage)) / 100);
    left[list] = share - Math.min(share, scanned);
  }
  return true;
}

/** prepare_scan_count: which active lists are open, and whether one type is spared altogether. */
function prepareScanCount(lru: ClassicLru, scan: ScanControl): Preparation {
  const { mm, group } = lru;
  const { flushed, now } = group.stats;
  const open = (file: boolean): boolean =>
    scan.forceDeactivate || lru.hasNewActivations(file) || lru.inactiveIsLow(file);
  const mayDeactivate = { anon: open(false), file: open(true) };
  const shifted = (pages: Pages): Pages => pages >> scan.priority;
  const fileIsShort = now[InactiveFile]! + now[ActiveFile]! + mm.zones.free <= mm.marks.high;
  if (mm.profile.fileTestsIgnorePriority) {
    const cacheTrimMode = !lru.inactiveIsLow(true);
    const fileIsTiny = scan.isGlobal && fileIsShort;
    return { anonCost: 0, fileCost: 0, mayDeactivate, cacheTrimMode, fileIsTiny };
  }
  return {
    anonCost: lru.anonCost,
    fileCost: lru.fileCost,
    mayDeactivate,
    cacheTrimMode: shifted(flushed[InactiveFile]!) > 0 && !mayDeactivate.file,
    fileIsTiny: scan.isGlobal && fileIsShort && !mayDeactivate.anon && shifted(now[InactiveAnon]!) > 0,
  };
}

/** get_scan_count: how many pages of each list this pass looks at. List sizes are exact here. */
function getScanCount(lru: ClassicLru, scan: ScanControl, prepared: Preparation): Pages[] {
  const { mm, group, lists } = lru;
  const balance = scanBalance({
    swapFree: scan.maySwap && mm.swapLeft(group) > 0,
    swappiness: mm.swappiness,
    isGroup: !scan.isGlobal,
    priority: scan.priority,
    fileIsTiny: prepared.fileIsTiny,
    cacheTrimMode: prepared.cacheTrimMode,
  });
  const weights = weightsOf(lru, prepared);
  const counts: Pages[] = [];
  for (let list = 0; list < LRU_LISTS; list++) {
    const pages = protectedSize(group, scan, lists.sizeUpTo(list, scan.reclaimIndex)) >> scan.priority;
    const file = isFileList(list);
    if (balance === "equal") counts.push(pages);
    else if (balance === "fraction") {
      const weight = file ? weights.file : weights.anon;
      counts.push(Math.floor((pages * weight) / (weights.anon + weights.file)));
    } else counts.push((balance === "file") === file ? pages : 0);
  }
  return counts;
}

/** By what reclaim has cost since 5.9, before that by how many pages it found in use. */
function weightsOf(
  { mm, lists, recent }: ClassicLru,
  { anonCost, fileCost }: Preparation,
): ReturnType<typeof scanWeights> {
  if (!mm.profile.balancesByRotation) return scanWeights(anonCost, fileCost, mm.swappiness);
  recent.anon.age(lists.size(InactiveAnon) + lists.size(ActiveAnon));
  recent.file.age(lists.size(InactiveFile) + lists.size(ActiveFile));
  return rotationWeights(recent.anon, recent.file, mm.swappiness);
}

function takeBatch(left: Pages[], list: number): Pages {
  const count = Math.min(left[list]!, SWAP_CLUSTER_MAX);
  assert(count >= 0, "a scan count is not negative");
  left[list]! -= count;
  return count;
}
