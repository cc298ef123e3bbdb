import { Plug } from "../block/index.ts";
import { type Actor, probe, WaitQueue } from "../engine/index.ts";
import type { SwapEntry } from "../swap/index.ts";
import { NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { writeToSlot } from "./page-io.ts";
import { Mobility } from "./zones/zone.ts";

/** Pages of the pool that one run tries to empty (MAX_RECLAIM_RETRIES of the pool, zpool_shrink, 6.1). */
const TRIES = 8;

const hitWriteback = probe("zswap writes its oldest entries back to make room");

/** shrink_worker: woken when the pool is full, it empties the oldest page that can be emptied. A daemon. */
export function* zswapShrinker(mm: MemoryManager): Actor {
  const { zswap } = mm;
  if (!zswap) return;
  const wanted = new WaitQueue(mm.engine, "zswap shrink");
  zswap.onFull = () => wanted.wakeAll();
  for (;;) {
    yield wanted.wait("wait for a full pool");
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const entries = zswap.oldest();
      const pages = zswap.pages;
      for (const entry of entries) yield* writebackEntry(mm, entry);
      if (zswap.pages < pages || entries.length === 0) break;
    }
  }
}

/** zswap_writeback_entry: the page comes into the swap cache and goes to its slot; one that is cached already stays. */
function* writebackEntry(mm: MemoryManager, entry: SwapEntry): Actor {
  const { frames, swap, zswap } = mm;
  const content = zswap?.load(entry);
  if (!zswap || !content || swap.lookup(entry) !== NO_FRAME || swap.count(entry) === 0) return;
  const frame = mm.zones.take("min", Mobility.Movable);
  if (frame === NO_FRAME) return;
  hitWriteback();
  mm.vm.pgalloc++;
  frames.entry[frame] = entry;
  frames.content[frame] = content.generation;
  frames.set(frame, PG.SwapCache | PG.Uptodate | PG.Reclaim);
  swap.addToCache(entry, frame);
  mm.batches.add(frame, false);
  mm.observer.slotWritten(entry, content.generation);
  const plug = new Plug();
  const writing = writeToSlot(mm, frame, content, plug, Number.POSITIVE_INFINITY);
  zswap.stats.writtenBack++;
  zswap.invalidate(entry);
  if (writing) yield* writing;
  plug.flush();
  yield* mm.processors.run("zswap_writeback_entry", mm.costs.decompress);
}
