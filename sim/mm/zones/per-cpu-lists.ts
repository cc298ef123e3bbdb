import type { Pages } from "../../engine/index.ts";
import { type FrameId, NO_FRAME } from "../frame-table.ts";
import type { BuddySource } from "./buddy-source.ts";
import type { FrameSource, Zone } from "./zone.ts";

/** Batches a list keeps while kswapd works on the zone (nr_pcp_high, 6.1). */
const BATCHES_DURING_RECLAIM = 4;
/** Frees in a row double the batch that goes back, so often at most (CONFIG_PCP_BATCH_SCALE_MAX, 6.1). */
const FREE_SCALE_MAX = 5;

/**
 * Frames a CPU keeps for itself between the buddy lists and its tasks (struct per_cpu_pages, 6.1); the watermarks do not
 * see them. The kernel has lists for every CPU, the simulator one set.
 */
export class PerCpuLists implements FrameSource {
  readonly #buddy: BuddySource;
  readonly #zone: Zone;
  readonly #batch: Pages;
  readonly #cpus: number;
  /** By mobility; the end of a list is where frames are taken and put. */
  readonly #lists: readonly [FrameId[], FrameId[]] = [[], []];
  #freeScale = 0;

  constructor(buddy: BuddySource, zone: Zone, batch: Pages, cpus: number) {
    this.#buddy = buddy;
    this.#zone = zone;
    this.#batch = batch;
    this.#cpus = cpus;
  }

  get free(): Pages {
    return this.#buddy.free;
  }

  get cached(): Pages {
    return this.#lists[0].length + this.#lists[1].length;
  }

  take(mobility: number): FrameId {
    const list = this.#lists[mobility === 0 ? 0 : 1];
    if (list.length === 0) this.#refill(list, mobility);
    this.#freeScale >>= 1;
    return list.pop() ?? NO_FRAME;
  }

  release(frame: FrameId): void {
    this.#lists[this.#buddy.mobilityOf(frame) === 0 ? 0 : 1].push(frame);
    const high = this.#high();
    if (this.cached < high) return;
    const most = high - this.#batch;
    const scaled = this.#batch << this.#freeScale;
    if (scaled < most && this.#freeScale < FREE_SCALE_MAX) this.#freeScale++;
    this.#giveBack(Math.max(this.#batch, Math.min(scaled, most)));
  }

  drain(): void {
    this.#giveBack(this.cached);
  }

  check(): readonly string[] {
    return this.#buddy.check();
  }

  /** rmqueue_bulk: the first frame of the batch is handed out first. */
  #refill(list: FrameId[], mobility: number): void {
    for (let fetched = 0; fetched < this.#batch; fetched++) {
      const frame = this.#buddy.take(mobility);
      if (frame === NO_FRAME) break;
      list.unshift(frame);
    }
  }

  /** Frames kept at most: the low mark's worth, much less while kswapd works on the zone. */
  #high(): Pages {
    const least = this.#batch * BATCHES_DURING_RECLAIM;
    const high = Math.max(Math.floor(this.#zone.marks.low / this.#cpus), least);
    return this.#zone.reclaimIsActive ? Math.min(high, least) : high;
  }

  /** free_pcppages_bulk: those that lie longest, from both lists in turn. */
  #giveBack(pages: Pages): void {
    let turn = 0;
    for (let left = Math.min(pages, this.cached); left > 0; left--) {
      turn = 1 - turn;
      const list =
        this.#lists[turn as 0 | 1].length > 0 ? this.#lists[turn as 0 | 1] : this.#lists[(1 - turn) as 0 | 1];
      this.#buddy.release(list.shift()!);
    }
  }
}
