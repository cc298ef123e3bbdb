import { Plug } from "../block/index.ts";
import type { Actor } from "../engine/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { frameOf, isPresent, isZeroPage } from "./pte.ts";
import { scanControl } from "./reclaim/scan-control.ts";
import { shrinkFolioList } from "./reclaim/shrink-folio-list.ts";
import { clearYoung } from "./rmap.ts";

/**
 * madvise(MADV_PAGEOUT) of one page: it is reclaimed now, however young it is (reclaim_pages, since 5.4). Does nothing if
 * the page is not in memory or somebody works on it. An asynchronous write leaves the page in the swap cache until its
 * end; asked again then, the frame goes.
 */
export function* madvisePageout(mm: MemoryManager, task: AddressSpace, page: number): Actor {
  const pte = task.pte(page);
  if (!isPresent(pte) || isZeroPage(pte)) return;
  const frame = frameOf(pte);
  mm.batches.drain();
  if (!mm.frames.has(frame, PG.Lru)) return;
  const group = mm.groupOf(frame);
  group.lruvec.remove(frame);
  clearYoung(mm, frame);
  mm.frames.clear(frame, PG.Referenced);
  const plug = new Plug();
  const { kept } = yield* shrinkFolioList(mm, group, [frame], scanControl("direct", 1), plug);
  for (const left of kept) group.lruvec.add(left);
  plug.flush();
}
