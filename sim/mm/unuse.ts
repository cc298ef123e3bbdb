import { Plug } from "../block/index.ts";
import { type Actor, step } from "../engine/index.ts";
import type { Errno } from "../fs/index.ts";
import type { SwapArea } from "../swap/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { releaseIfOrphan } from "./page-free.ts";
import {
  entryOf,
  isSharedSwap,
  isSwapped,
  PTE_DIRTY,
  PTE_LOST,
  PTE_WRITABLE,
  PTE_YOUNG,
  presentPte,
} from "./pte.ts";
import { deleteFromSwapCache, freeSwapCache } from "./swap-cache.ts";
import { readSwapCacheAsync } from "./swap-in.ts";
import { touchPage } from "./touch.ts";

/**
 * try_to_unuse: brings back every page of an area, task by task, entry by entry. Pages are mapped read-only and old,
 * and give up their slots. Fails with ENOMEM if a task had to be killed on the way.
 */
export function* tryToUnuse(mm: MemoryManager, area: SwapArea): Actor<Errno | undefined> {
  while (area.map.inuse > 0) {
    for (const task of mm.tasks) {
      for (let page = 0; page < task.pages; page++) {
        const pte = task.pte(page);
        if (!isSwapped(pte) || !area.holds(entryOf(pte))) continue;
        yield* unusePte(mm, task, page);
        if (task.death) return "ENOMEM";
      }
    }
    yield* dropCacheOnly(mm, area);
  }
  return undefined;
}

function* unusePte(mm: MemoryManager, task: AddressSpace, page: number): Actor {
  const { frames, swap } = mm;
  touchPage(mm, task.id, page);
  const entry = entryOf(task.pte(page));
  const plug = new Plug();
  const frame = yield* readSwapCacheAsync(mm, task, entry, plug);
  if (frame === NO_FRAME) return;
  frames.pins[frame]!++;
  plug.flush();
  if (mm.engine.exploring) yield step("try_to_unuse (lock_page)", swap);
  while (frames.has(frame, PG.Locked)) yield mm.pageWaitQueue(frame).wait("folio_lock");
  while (frames.has(frame, PG.Writeback)) yield mm.writebackEnded.wait("folio_wait_writeback");
  frames.pins[frame]!--;
  const pte = task.pte(page);
  if (!isSwapped(pte) || entryOf(pte) !== entry || swap.lookup(entry) !== frame) {
    // KB-29c: by now the page may stand for a slot of another area, and be the only copy.
    if (mm.faults.has("swapoffTrustsPage") && frames.has(frame, PG.SwapCache)) deleteFromSwapCache(mm, frame);
    releaseIfOrphan(mm, frame);
    return;
  }
  if (!frames.has(frame, PG.Uptodate) && !mm.profile.unuseMapsUnread) {
    poison(mm, task, page);
    return;
  }
  mm.observer.mapped(task.id, page, entry, frames.content[frame]!);
  task.ptes[page] = presentPte(frame, false) & ~(PTE_YOUNG | PTE_DIRTY | PTE_WRITABLE);
  task.rss++;
  task.swapped--;
  frames.ownerTask[frame] = task.id;
  frames.ownerPage[frame] = page;
  frames.set(frame, isSharedSwap(pte) ? PG.Mapped | PG.Shared : PG.Mapped);
  swap.put(entry);
  freeSwapCache(mm, frame);
}

/** The slot cannot be read: whoever touches the page gets SIGBUS (make_swapin_error_entry). */
function poison(mm: MemoryManager, task: AddressSpace, page: number): void {
  const entry = entryOf(task.pte(page));
  mm.observer.unreadable(task.id, page, entry);
  task.ptes[page] = PTE_LOST;
  task.swapped--;
  mm.swap.put(entry);
}

/** Frames that stand for slots nobody refers to any more. */
function* dropCacheOnly(mm: MemoryManager, area: SwapArea): Actor {
  for (let slot = 1; slot < area.slots; slot++) {
    const frame = area.cachedFrame(slot);
    if (frame === NO_FRAME) continue;
    // It may still be read for somebody who has ended.
    while (mm.frames.has(frame, PG.Locked)) yield mm.pageWaitQueue(frame).wait("folio_lock");
    while (mm.frames.has(frame, PG.Writeback)) yield mm.writebackEnded.wait("folio_wait_writeback");
    if (area.cachedFrame(slot) === frame && area.map.count(slot) === 0) freeSwapCache(mm, frame);
  }
}
