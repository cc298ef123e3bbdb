import type { BlockMemory, Gfp } from "../block/index.ts";
import {
  type Actor,
  type Duration,
  type Holdable,
  type Pages,
  type Process,
  probe,
  SECOND,
} from "../engine/index.ts";
import type { FilesystemMemory } from "../fs/index.ts";
import { type FrameId, NO_FRAME } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { asReclaimer } from "./reclaim/as-reclaimer.ts";
import { doTryToFreePages } from "./reclaim/direct-reclaim.ts";
import { MAX_RECLAIM_RETRIES, wakeupKswapd } from "./reclaim/kswapd.ts";
import { SWAP_CLUSTER_MAX, scanControl } from "./reclaim/scan-control.ts";
import { Mobility } from "./zones/zone.ts";

/**
 * One allocation of so many asks the page allocator: structures that live as long as one I/O mostly come from the free
 * list of their slab. An estimate.
 */
const ALLOCATIONS_PER_PAGE = 256;

/** Longest wait for kswapd of who may not enter a filesystem (throttle_direct_reclaim, 6.1). */
const THROTTLE: Duration = SECOND;

const hitReclaim = probe("a filesystem has to reclaim for its own structures");

const hitNoIo = probe("somebody who must not do I/O reclaims what is clean");

/**
 * Memory of the machine for structures of filesystems and drivers. They live as long as one I/O, so their page is taken
 * and given back at once: what counts is who has to reclaim for it, and what that one holds meanwhile.
 */
export class KernelMemory implements FilesystemMemory, BlockMemory {
  /** The memory is made after the filesystem. */
  readonly #mm: () => MemoryManager;
  /** What is waited for where a small allocation must not fail: kswapd. */
  readonly #freeMemory: Holdable = {
    name: "free memory, which kswapd is to make",
    holders: () => this.#mm().kswapd ?? [],
  };
  /** Asked at every allocation whether it finds no free page, whatever the counts say: that is for an explorer to decide. */
  readonly #isShort: (site: string) => boolean;
  #allocations = 0;
  /** Those whose allocations do no I/O, whatever they ask for (PF_MEMALLOC_NOIO). */
  #withoutIo = new WeakSet<Process>();

  constructor(mm: () => MemoryManager, isShort: (site: string) => boolean = () => false) {
    this.#mm = mm;
    this.#isShort = isShort;
  }

  forbidIo(): void {
    this.#withoutIo.add(this.#mm().engine.current);
  }

  takePage(reserves: boolean): FrameId | undefined {
    const mm = this.#mm();
    const frame = mm.zones.take(reserves ? "none" : "min", Mobility.Unmovable);
    if (frame === NO_FRAME) {
      // GFP_NOWAIT wakes kswapd all the same.
      wakeupKswapd(mm, mm.zones.highest);
      return undefined;
    }
    mm.vm.pgalloc++;
    return frame;
  }

  givePage(frame: FrameId): void {
    const mm = this.#mm();
    mm.vm.pgfree++;
    mm.zones.release(frame);
  }

  *allocate(site: string, gfp: Gfp): Actor<boolean> {
    const mm = this.#mm();
    const isReclaiming = mm.reclaimers.has(mm.engine.current);
    if (!isReclaiming && this.#isShort(site)) yield* this.#makeRoom(gfp);
    if (++this.#allocations % ALLOCATIONS_PER_PAGE !== 0) return true;
    for (let tries = 0; tries < MAX_RECLAIM_RETRIES; tries++) {
      const frame = mm.zones.take(isReclaiming ? "none" : "min", Mobility.Unmovable);
      if (frame !== NO_FRAME) {
        mm.zones.release(frame);
        return true;
      }
      // PF_MEMALLOC: no further reclaim.
      if (isReclaiming) return false;
      hitReclaim();
      yield* this.#reclaim(gfp);
    }
    return false;
  }

  #reclaim(gfp: Gfp): Actor<Pages> {
    const mm = this.#mm();
    return reclaim(mm, this.#withoutIo.has(mm.engine.current) ? "GFP_NOIO" : gfp);
  }

  /**
   * Others have used up what was free, for long enough that all pages are on lists and counted: reclaims until something
   * has come free, which is enough, or nothing will.
   */
  *#makeRoom(gfp: Gfp): Actor {
    const mm = this.#mm();
    mm.batches.drain();
    mm.rstat.flush();
    for (let tries = 0; tries < MAX_RECLAIM_RETRIES; tries++) {
      if ((yield* this.#reclaim(gfp)) > 0) return;
    }
  }

  asReclaimer<Result>(run: Actor<Result>): Actor<Result> {
    return asReclaimer(this.#mm(), run);
  }

  /**
   * The page allocator tries for ever (small orders do not fail); when it frees nothing itself it waits for kswapd. Who
   * reclaims already may use the last page, and is not asked where it came from.
   */
  *allocatePage(site: string, gfp: Gfp): Actor {
    const mm = this.#mm();
    if (!mm.reclaimers.has(mm.engine.current) && this.#isShort(site)) yield* this.#makeRoom(gfp);
    for (let tries = 0; ; tries++) {
      if (mm.reclaimers.has(mm.engine.current)) return;
      const frame = mm.zones.take("min", Mobility.Unmovable);
      if (frame !== NO_FRAME) {
        mm.zones.release(frame);
        return;
      }
      hitReclaim();
      // On a machine of a few pages all of them may be on their way to a list.
      mm.batches.drain();
      yield* reclaim(mm, gfp);
      if (tries < MAX_RECLAIM_RETRIES) continue;
      yield* mm.pfmemallocWait.waitFor("throttle_direct_reclaim", THROTTLE, this.#freeMemory);
    }
  }
}

/** Reclaims once; returns how many pages have come free. */
function* reclaim(mm: MemoryManager, gfp: Gfp): Actor<Pages> {
  wakeupKswapd(mm, mm.zones.highest);
  const { watch } = mm.engine.current;
  watch?.enter("reclaim for a structure");
  const scan = scanControl("direct", SWAP_CLUSTER_MAX);
  scan.mayEnterFilesystem = gfp === "GFP_KERNEL";
  scan.mayDoIo = gfp !== "GFP_NOIO";
  if (!scan.mayDoIo) hitNoIo();
  mm.psi.enterStall();
  yield* asReclaimer(mm, doTryToFreePages(mm, scan, undefined));
  mm.psi.leaveStall();
  watch?.leave();
  return scan.reclaimed;
}
