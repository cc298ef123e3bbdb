import { type Engine, WaitQueue } from "../engine/index.ts";
import { type FrameId, NO_FRAME } from "./frame-table.ts";

/**
 * Who waits for the lock of a page (folio_wait_table), by page. The few that are waited for at a time stand in two arrays:
 * a map would be built anew every few waits.
 */
export class FolioWaitTable {
  readonly #engine: Engine;
  /** The frame that each queue is for; NO_FRAME if nobody waits in it. */
  readonly #frames: FrameId[] = [];
  readonly #queues: WaitQueue[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The queue of those who wait for a frame. */
  queue(frame: FrameId): WaitQueue {
    let at = this.#frames.indexOf(frame);
    if (at < 0) at = this.#reserve(frame);
    return this.#queues[at]!;
  }

  /** Wakes all who wait for a frame. */
  wake(frame: FrameId): void {
    const at = this.#frames.indexOf(frame);
    if (at < 0) return;
    this.#frames[at] = NO_FRAME;
    this.#queues[at]!.wakeAll();
  }

  #reserve(frame: FrameId): number {
    const free = this.#frames.indexOf(NO_FRAME);
    if (free >= 0) {
      this.#frames[free] = frame;
      return free;
    }
    this.#queues.push(new WaitQueue(this.#engine, "folio_wait_table"));
    return this.#frames.push(frame) - 1;
  }
}
