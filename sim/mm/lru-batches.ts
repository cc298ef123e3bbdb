import type { Pages } from "../engine/index.ts";
import { type FrameId, type FrameTable, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";

/** Pages a batch holds (PAGEVEC_SIZE, 6.1). */
export const BATCH_PAGES = 15;

/** One batch (struct pagevec). It keeps its array: one that is emptied by its length gives up its memory each time. */
class Pagevec {
  readonly #frames = new Int32Array(BATCH_PAGES);
  readonly #size: Pages;
  readonly #move: (frame: FrameId) => void;
  length: Pages = 0;

  /** It is drained by itself when `size` pages are in it; `move` is what a drain does with each. */
  constructor(size: Pages, move: (frame: FrameId) => void) {
    this.#size = size;
    this.#move = move;
  }

  push(frame: FrameId): void {
    this.#frames[this.length++] = frame;
    if (this.length >= this.#size) this.drain();
  }

  drain(): void {
    for (let at = 0; at < this.length; at++) this.#move(this.#frames[at]!);
    this.length = 0;
  }
}

/**
 * Pages on their way to a list (lru_pvecs, 6.1): the lists' lock is taken once for fifteen. Until its batch is drained
 * a new page is on no list, so reclaim does not see it, and a page in any batch has one reference more. The kernel has
 * a set of batches a CPU, the simulator one; a drain concerns that of the draining CPU only.
 */
export class LruBatches {
  readonly #mm: MemoryManager;
  readonly #frames: FrameTable;
  readonly #adding: Pagevec;
  readonly #rotating: Pagevec;
  readonly #activating: Pagevec;

  constructor(mm: MemoryManager) {
    this.#mm = mm;
    this.#frames = mm.frames;
    const size = mm.faults.has("noLruBatches") ? 1 : BATCH_PAGES;
    this.#adding = new Pagevec(size, (frame) => this.#moveNew(frame));
    this.#rotating = new Pagevec(size, (frame) => this.#moveTail(frame));
    this.#activating = new Pagevec(size, (frame) => this.#activate(frame));
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
    this.#adding.push(frame);
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
    this.#rotating.push(frame);
  }

  /** folio_activate. */
  activate(frame: FrameId): void {
    if (!this.#frames.has(frame, PG.Lru) || this.#frames.has(frame, PG.Active | PG.ActivateBatch)) return;
    this.#frames.set(frame, PG.ActivateBatch);
    this.#activating.push(frame);
  }

  /** Pages on their way to a list: reclaim does not see them. */
  get waiting(): Pages {
    return this.#adding.length;
  }

  /** lru_add_drain. */
  drain(): void {
    if (this.#adding.length > 0) this.#adding.drain();
    if (this.#rotating.length > 0) this.#rotating.drain();
    if (this.#activating.length > 0) this.#activating.drain();
  }

  /** lru_add_fn. */
  #moveNew(frame: FrameId): void {
    this.#frames.clear(frame, PG.AddBatch);
    this.#mm.groupOf(frame).lruvec.add(frame);
  }

  /** lru_move_tail_fn; a page that was isolated meanwhile stays where it is. */
  #moveTail(frame: FrameId): void {
    this.#frames.clear(frame, PG.RotateBatch);
    if (this.#frames.has(frame, PG.Lru)) this.#mm.groupOf(frame).lruvec.rotate(frame);
  }

  /** folio_activate_fn. */
  #activate(frame: FrameId): void {
    this.#frames.clear(frame, PG.ActivateBatch);
    if (!this.#frames.has(frame, PG.Lru) || this.#frames.has(frame, PG.Active)) return;
    this.#mm.groupOf(frame).lruvec.activate(frame);
    this.#mm.vm.pgactivate++;
  }
}
