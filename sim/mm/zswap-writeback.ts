import { Plug } from "../block/index.ts";
import { type Actor, probe, step, WaitQueue } from "../engine/index.ts";
import type { StoredPage, SwapEntry, Zswap } from "../swap/index.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { releaseIfOrphan } from "./page-free.ts";
import { writeToSlot } from "./page-io.ts";
import { Mobility } from "./zones/zone.ts";

const hitWriteback = probe("zswap writes its oldest entries back to make room");

const hitStale = probe("zswap finds that the slot of the entry it writes back has another page now");

/** The work queue of zswap: woken when the pool is full, it makes room of one page. A daemon. */
export function* zswapShrinker(mm: MemoryManager): Actor {
  const { zswap } = mm;
  if (!zswap) return;
  const wanted = new WaitQueue(mm.engine, "zswap shrink");
  let queued = false;
  zswap.onFull = () => {
    queued = true;
    wanted.wakeAll();
  };
  for (;;) {
    if (!queued) yield wanted.wait("wait for a full pool");
    // A pool that is full again while this run works queues another one (queue_work).
    queued = false;
    yield* shrinkZswap(mm, zswap);
  }
}

/** shrink_worker, once: the pool gives up a page. */
export function* shrinkZswap(mm: MemoryManager, zswap: Zswap): Actor {
  yield* zswap.shrink((entry, stored) => writebackEntry(mm, zswap, entry, stored));
}

/**
 * zswap_writeback_entry: the page comes into the swap cache and goes to its slot. False if it is cached already, nobody
 * refers to the slot, or there is no memory. Until the swap cache has a page for it the slot may be freed and used by
 * somebody else: then the entry is looked up again, and is another one.
 */
function* writebackEntry(
  mm: MemoryManager,
  zswap: Zswap,
  entry: SwapEntry,
  stored: StoredPage,
): Actor<boolean> {
  const { frames, swap, engine } = mm;
  if (engine.exploring) yield step("zswap_get_swap_cache_page", zswap);
  if (swap.isTaken(entry)) return false;
  const frame = mm.zones.take("min", Mobility.Movable);
  if (frame === NO_FRAME) return false;
  mm.vm.pgalloc++;
  frames.entry[frame] = entry;
  frames.set(frame, PG.SwapCache | PG.Locked);
  swap.addToCache(entry, frame);
  mm.batches.add(frame, false);
  if (engine.exploring) yield step("zswap_rb_search", zswap);
  if (!zswap.keeps(entry, stored) && !mm.faults.has("noZswapRecheck")) {
    hitStale();
    dropPage(mm, frame);
    return false;
  }
  hitWriteback();
  const { content } = stored;
  frames.content[frame] = content.generation;
  frames.clear(frame, PG.Locked);
  mm.wakePageWaiters(frame);
  frames.set(frame, PG.Uptodate | PG.Reclaim);
  mm.observer.slotWritten(entry, content.generation);
  const plug = new Plug();
  const writing = writeToSlot(mm, frame, content, plug, Number.POSITIVE_INFINITY);
  zswap.stats.writtenBack++;
  if (zswap.keeps(entry, stored)) zswap.invalidate(entry);
  if (writing) yield* writing;
  plug.flush();
  yield* mm.processors.run("zswap_writeback_entry", mm.costs.decompress);
  return true;
}

/** The page that came into the swap cache for a slot of somebody else leaves it again. */
function dropPage(mm: MemoryManager, frame: FrameId): void {
  const { frames, swap } = mm;
  swap.removeFromCache(frames.entry[frame]!);
  frames.clear(frame, PG.SwapCache);
  // KB-28d: without these two the page is nobody's, and locked for good.
  if (mm.faults.has("noZswapUnlock")) return;
  frames.clear(frame, PG.Locked);
  mm.wakePageWaiters(frame);
  releaseIfOrphan(mm, frame);
}
