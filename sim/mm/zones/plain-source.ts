import type { Pages } from "../../engine/index.ts";
import { type FrameId, type FrameTable, NO_FRAME } from "../frame-table.ts";
import type { FrameSource } from "./zone.ts";

/** Free frames of which none is better than another: the one freed last is handed out first. */
export class PlainSource implements FrameSource {
  readonly cached = 0;
  free: Pages;
  readonly #frames: FrameTable;
  readonly #end: FrameId;
  #head: FrameId = NO_FRAME;
  /** Frames handed out for the first time come in ascending order, without a list to build. */
  #untouched: FrameId;

  /** All frames from `first` up to, not including, `end` are free. */
  constructor(frames: FrameTable, first: FrameId, end: FrameId) {
    this.#frames = frames;
    this.#untouched = first;
    this.#end = end;
    this.free = end - first;
  }

  take(): FrameId {
    if (this.free === 0) return NO_FRAME;
    this.free--;
    const frame = this.#head;
    if (frame === NO_FRAME) return this.#untouched++;
    this.#head = this.#frames.next[frame]!;
    return frame;
  }

  release(frame: FrameId): void {
    this.#frames.next[frame] = this.#head;
    this.#head = frame;
    this.free++;
  }

  drain(): void {}

  check(): readonly string[] {
    let counted = this.#end - this.#untouched;
    for (let frame = this.#head; frame !== NO_FRAME; frame = this.#frames.next[frame]!) counted++;
    return counted === this.free
      ? []
      : [`${counted} frames are on the free list, the counter says ${this.free}`];
  }
}
