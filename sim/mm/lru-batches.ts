import type { Pages } from "../engine/index.ts";
import { type FrameId, type FrameTable, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";

/** Pages a batch holds (PAGEVEC_SIZE, 6.1). */
export const BATCH_PAGES = 15;

/**
 * Pages on their way to a list (lru_pvecs, 6.1): the lists' lock is taken once for fifteen. Until its batch is drained
 * a new page is on no list, so reclaim does not see it, and a page in any batch has one reference more. The kernel has
 * a set of batches a CPU, the simulator one; a drain concerns that of the draining CPU only.
 */
export class LruBatches {
  readonly #mm: MemoryManager;
  readonly #frames: FrameTable;
  readonly #size: Pages;
  readonly #adding: FrameId[] = [];
  readonly #rotating: FrameId[] = [];
  readonly #activating: FrameId[] = [];

  constructor(mm: MemoryManager) {
    this.#mm = mm;
    this.#frames = mm.frames;
    this.#size = mm.faults.has("noLruBatches") ? 1 : BATCH_PAGES;
  }

  /** folio_add_lru: where the page lands is decided at the drain, by its flags then. `inFault`: a page fault wants it. */
  add(frame: FrameId, inFault: boolean): void {
    const { lruvec } = this.#mm.groupOf(frame);
    if (inFault && lruvec.faultedPagesAreActive) this.#frames.set(frame, PG.Active);
    if (!lruvec.usesBatches) {
      lruvec.add(frame);
      return;
    }
    this.#frames.set(frame, PG.AddBatch);
    if (this.#adding.push(frame) >= this.#size) this.#drainAdding();
  }

  /** folio_rotate_reclaimable: the write ended, reclaim shall meet the page next. */
  rotate(frame: FrameId): void {
    const { lruvec } = this.#mm.groupOf(frame);
    if (!lruvec.usesBatches) {
      lruvec.rotate(frame);
      return;
    }
    if (this.#frames.has(frame, PG.RotateBatch)) return;
    this.#frames.set(frame, PG.RotateBatch);
    if (this.#rotating.push(frame) >= this.#size) this.#drainRotating();
  }

  /** folio_activate. */
  activate(frame: FrameId): void {
    if (!this.#frames.has(frame, PG.Lru) || this.#frames.has(frame, PG.Active | PG.ActivateBatch)) return;
    this.#frames.set(frame, PG.ActivateBatch);
    if (this.#activating.push(frame) >= this.#size) this.#drainActivating();
  }

  /** Pages on their way to a list: reclaim does not see them. */
  get waiting(): Pages {
    return this.#adding.length;
  }

  /** lru_add_drain. */
  drain(): void {
    if (this.#adding.length > 0) this.#drainAdding();
    if (this.#rotating.length > 0) this.#drainRotating();
    if (this.#activating.length > 0) this.#drainActivating();
  }

  #drainAdding(): void {
    for (const frame of this.#adding) {
      this.#frames.clear(frame, PG.AddBatch);
      this.#mm.groupOf(frame).lruvec.add(frame);
    }
    this.#adding.length = 0;
  }

  /** lru_move_tail_fn; a page that was isolated meanwhile stays where it is. */
  #drainRotating(): void {
    for (const frame of this.#rotating) {
      this.#frames.clear(frame, PG.RotateBatch);
      if (this.#frames.has(frame, PG.Lru)) this.#mm.groupOf(frame).lruvec.rotate(frame);
    }
    this.#rotating.length = 0;
  }

  /** folio_activate_fn. */
  #drainActivating(): void {
    for (const frame of this.#activating) {
      this.#frames.clear(frame, PG.ActivateBatch);
      if (!this.#frames.has(frame, PG.Lru) || this.#frames.has(frame, PG.Active)) continue;
      this.#mm.groupOf(frame).lruvec.activate(frame);
      this.#mm.vm.pgactivate++;
    }
    this.#activating.length = 0;
  }
}
