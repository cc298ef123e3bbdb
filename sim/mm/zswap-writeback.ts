import { Plug } from "../block/index.ts";
import { type Actor, assert, probe, WaitQueue } from "../engine/index.ts";
import type { SwapEntry, Zswap } from "../swap/index.ts";
import { NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { writeToSlot } from "./page-io.ts";
import { Mobility } from "./zones/zone.ts";

const hitWriteback = probe("zswap writes its oldest entries back to make room");

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
    yield* zswap.shrink((entry) => writebackEntry(mm, zswap, entry));
  }
}

/**
 * zswap_writeback_entry: the page comes into the swap cache and goes to its slot. False if it is cached already, nobody
 * refers to the slot, or there is no memory.
 */
function* writebackEntry(mm: MemoryManager, zswap: Zswap, entry: SwapEntry): Actor<boolean> {
  const { frames, swap } = mm;
  const content = zswap.load(entry);
  assert(content !== undefined, "an entry that is written back is kept");
  if (swap.lookup(entry) !== NO_FRAME || swap.count(entry) === 0) return false;
  const frame = mm.zones.take("min", Mobility.Movable);
  if (frame === NO_FRAME) return false;
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
  return true;
}
