import { type Actor, type Duration, type MaybeActor, probe, step } from "../engine/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { mapFreshFrame, mapNewPage } from "./anon-page.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { freePage, releaseIfOrphan } from "./page-free.ts";
import { frameOf, isZeroPage, PTE_DIRTY, PTE_WRITABLE, PTE_YOUNG } from "./pte.ts";
import { allocPage } from "./reclaim/page-alloc.ts";
import { mapCount, removeRmap } from "./rmap.ts";
import { freeSwapCache } from "./swap-cache.ts";

const hitStaleSlot = probe("a write makes a page writable whose slot stays behind as a stale copy");
const hitCopy = probe("a write copies a page that another task has too since a fork");
const hitLastUser = probe("a write takes over a page that all others have copied or given up since a fork");

/**
 * do_wp_page: a page of one's own becomes writable in place; its slot, if any, is kept and goes stale. One that others may
 * have too is copied, unless they turn out to be gone.
 */
export function doWpPage(mm: MemoryManager, task: AddressSpace, page: number): MaybeActor<Duration> {
  const pte = task.pte(page);
  if (isZeroPage(pte)) return mapNewPage(mm, task, page);
  const frame = frameOf(pte);
  if (mm.frames.has(frame, PG.Shared)) {
    if (!isLastUser(mm, frame)) return wpPageCopy(mm, task, page);
    hitLastUser();
    mm.frames.clear(frame, PG.Shared);
  }
  if (mm.frames.has(frame, PG.SwapCache)) hitStaleSlot();
  task.ptes[page] = pte | PTE_WRITABLE | PTE_DIRTY | PTE_YOUNG;
  mm.vm.pgreuse++;
  return mm.costs.reuseFault;
}

/**
 * Nobody else has the page of a task that maps it: no other task, and, since 5.9, nobody who works on it either. Gives up
 * its slot, as the kernel does to find out.
 */
function isLastUser(mm: MemoryManager, frame: FrameId): boolean {
  const { frames, swap } = mm;
  if (mapCount(mm, frame) > 1) return false;
  if (mm.profile.reusesByCount) {
    if (!frames.has(frame, PG.SwapCache)) return true;
    if (swap.count(frames.entry[frame]!) > 0) return false;
    freeSwapCache(mm, frame);
    return true;
  }
  if (!frames.has(frame, PG.Lru)) mm.batches.drain();
  if (frames.isHeldByOthers(frame) || frames.has(frame, PG.Locked)) return false;
  return !frames.has(frame, PG.SwapCache) || freeSwapCache(mm, frame);
}

/** wp_page_copy: the writer gets a copy of its own, and the others keep the page. */
function* wpPageCopy(mm: MemoryManager, task: AddressSpace, page: number): Actor<Duration> {
  const { frames } = mm;
  const pte = task.pte(page);
  const old = frameOf(pte);
  frames.pins[old]!++;
  const allocating = allocPage(mm, task);
  const frame = typeof allocating === "number" ? allocating : yield* allocating;
  if (mm.engine.exploring && frame !== NO_FRAME) yield step("wp_page_copy (pte_same)", task);
  frames.pins[old]!--;
  if (frame !== NO_FRAME && !task.death && task.pte(page) === pte) {
    hitCopy();
    frames.content[frame] = frames.content[old]!;
    mapFreshFrame(mm, task, page, frame);
    removeRmap(mm, old, task);
    if (isSlotOnly(mm, old)) freeSwapCache(mm, old);
  } else if (frame !== NO_FRAME) {
    freePage(mm, frame);
  }
  releaseIfOrphan(mm, old);
  return mm.costs.minorFault;
}

/** The frame stands for its slot and nothing else, and nobody works on it (free_swap_cache). */
function isSlotOnly({ frames }: MemoryManager, frame: FrameId): boolean {
  return frames.has(frame, PG.SwapCache) && !frames.has(frame, PG.Mapped | PG.Locked);
}
