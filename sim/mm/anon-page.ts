import { type Actor, type Duration, type MaybeActor, step } from "../engine/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { freePage } from "./page-free.ts";
import { PTE_ZERO_PAGE, presentPte } from "./pte.ts";
import { allocPage } from "./reclaim/page-alloc.ts";

/** do_anonymous_page, first touch: a read maps the page of zeroes, a write gets a frame. */
export function doAnonymousPage(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  write: boolean,
): MaybeActor<Duration> {
  if (!write) {
    task.ptes[page] = PTE_ZERO_PAGE;
    return mm.costs.reuseFault;
  }
  return mapNewPage(mm, task, page);
}

/** A page of zeroes for a write; nothing if the task was killed or another thread was faster. */
export function* mapNewPage(mm: MemoryManager, task: AddressSpace, page: number): Actor<Duration> {
  const pte = task.pte(page);
  const allocating = allocPage(mm, task);
  const frame = typeof allocating === "number" ? allocating : yield* allocating;
  if (frame === NO_FRAME) return 0;
  if (mm.engine.exploring && task.threads > 1) yield step("do_anonymous_page (vmf_pte_changed)", task);
  // Another thread may have been faster.
  if (task.death || task.pte(page) !== pte) {
    freePage(mm, frame);
    return 0;
  }
  mapFreshFrame(mm, task, page, frame);
  return mm.costs.minorFault;
}

/** A frame that nobody has yet becomes the page, written from now on, and goes to the lists. */
export function mapFreshFrame(mm: MemoryManager, task: AddressSpace, page: number, frame: FrameId): void {
  mapFrame(mm, task, page, frame, true);
  mm.frames.set(frame, mm.profile.newPagesAreActive ? PG.Uptodate | PG.Active : PG.Uptodate);
  mm.batches.add(frame, true);
}

/** The page table entry of a page names a frame from now on (set_pte_at, page_add_anon_rmap). */
export function mapFrame(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  frame: FrameId,
  write: boolean,
): void {
  const { frames } = mm;
  task.ptes[page] = presentPte(frame, write);
  task.rss++;
  // NR_ANON_MAPPED counts a page once.
  if (!frames.has(frame, PG.Mapped)) mm.rstat.updated(1);
  frames.ownerTask[frame] = task.id;
  frames.ownerPage[frame] = page;
  frames.set(frame, PG.Mapped);
}
