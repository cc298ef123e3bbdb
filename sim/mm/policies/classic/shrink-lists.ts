import type { Plug } from "../../../block/index.ts";
import { type Actor, call, type Pages } from "../../../engine/index.ts";
import { type FrameId, PG } from "../../frame-table.ts";
import type { ScanControl } from "../../reclaim/scan-control.ts";
import { ShrinkBatch, shrinkFolioList } from "../../reclaim/shrink-folio-list.ts";
import { clearYoung, isYoung } from "../../rmap.ts";
import { countFreed, countScanned } from "../reclaim-counters.ts";
import type { ClassicLru } from "./classic-lru.ts";
import { isFileList } from "./lists.ts";

/** Pages taken off a list, and how many of higher zones were passed over for that. */
interface Isolation {
  readonly isolated: readonly FrameId[];
  readonly passedOver: Pages;
}

/** Takes pages from the tail of a list, oldest first. */
function isolate({ mm, group, lists }: ClassicLru, list: number, count: Pages, scan: ScanControl): Isolation {
  const isolated: FrameId[] = [];
  mm.batches.drain();
  mm.zones.tellIfShort("lists");
  const passedOver = lists.isolateTail(list, count, scan.reclaimIndex, isolated);
  mm.vm.pgskip += passedOver;
  mm.rstat.change(group.stats, list, -isolated.length);
  mm.rstat.updated(isolated.length);
  return { isolated, passedOver };
}

/** shrink_inactive_list: looks at pages of the tail and frees what can be freed. */
export function* shrinkInactiveList(
  lru: ClassicLru,
  list: number,
  count: Pages,
  scan: ScanControl,
  plug: Plug,
): Actor {
  const { mm, group } = lru;
  const { isolated, passedOver } = isolate(lru, list, count, scan);
  const file = isFileList(list);
  countScanned(mm, group, scan, file, isolated.length + passedOver);
  if (passedOver > 0) yield* mm.processors.run("isolate_lru_folios", passedOver * mm.costs.skipPage);
  if (isolated.length === 0) return;
  const batch = new ShrinkBatch(isolated);
  yield call(shrinkFolioList(mm, group, batch, scan, plug));
  const { kept, freed, submitted, unqueuedDirty } = batch;
  for (const frame of kept) lru.putBack(frame);
  lru.noteCost(file, submitted);
  const active = kept.reduce((sum, frame) => sum + (mm.frames.has(frame, PG.Active) ? 1 : 0), 0);
  lru.recentOf(file).note(isolated.length, active);
  // Nothing but dirty pages: the flusher lags behind.
  if (unqueuedDirty === isolated.length) mm.dirty.writeAll();
  countFreed(mm, group, scan, file, freed);
}

/** shrink_active_list: pages go to the inactive head whether they were touched or not. */
export function* shrinkActiveList(lru: ClassicLru, list: number, count: Pages, scan: ScanControl): Actor {
  const { mm, group } = lru;
  const { frames, vm } = mm;
  const { isolated, passedOver } = isolate(lru, list, count, scan);
  if (scan.isGlobal) vm.pgrefill += isolated.length + passedOver;
  group.counted.pgrefill += isolated.length + passedOver;
  if (isolated.length === 0) return;
  let used = 0;
  for (const frame of isolated) {
    if (isYoung(mm, frame)) used++;
    clearYoung(mm, frame);
    frames.clear(frame, PG.Active);
    frames.set(frame, PG.Workingset);
    lru.insert(frame);
  }
  lru.recentOf(isFileList(list)).note(isolated.length, used);
  vm.pgdeactivate += isolated.length;
  group.counted.pgdeactivate += isolated.length;
  mm.rstat.updated(isolated.length);
  yield* mm.processors.run("shrink_active_list", isolated.length * mm.costs.deactivatePage);
}
