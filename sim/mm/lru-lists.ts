import { assert, fail } from "../engine/index.ts";
import { type FrameId, type FrameTable, NO_FRAME, PG } from "./frame-table.ts";

/** The lists of a node. Head = youngest, tail = scanned first. */
export const LruList = { InactiveAnon: 0, ActiveAnon: 1, InactiveFile: 2, ActiveFile: 3 } as const;
export const LRU_LISTS = 4;

/** Doubly linked lists through the frame table. */
export class LruLists {
  readonly #frames: FrameTable;
  readonly #head = new Int32Array(LRU_LISTS).fill(NO_FRAME);
  readonly #tail = new Int32Array(LRU_LISTS).fill(NO_FRAME);
  readonly #size = new Float64Array(LRU_LISTS);

  constructor(frames: FrameTable) {
    this.#frames = frames;
  }

  size(list: number): number {
    return this.#size[list]!;
  }

  /** The frame that would be scanned next; NO_FRAME if the list is empty. */
  last(list: number): FrameId {
    return this.#tail[list]!;
  }

  addHead(list: number, frame: FrameId): void {
    const { next, previous } = this.#frames;
    const head = this.#head[list]!;
    next[frame] = head;
    previous[frame] = NO_FRAME;
    if (head === NO_FRAME) this.#tail[list] = frame;
    else previous[head] = frame;
    this.#head[list] = frame;
    this.#enter(list, frame);
  }

  addTail(list: number, frame: FrameId): void {
    const { next, previous } = this.#frames;
    const tail = this.#tail[list]!;
    previous[frame] = tail;
    next[frame] = NO_FRAME;
    if (tail === NO_FRAME) this.#head[list] = frame;
    else next[tail] = frame;
    this.#tail[list] = frame;
    this.#enter(list, frame);
  }

  remove(list: number, frame: FrameId): void {
    if (!this.#frames.has(frame, PG.Lru)) fail("a frame that leaves an LRU list was on it");
    const next = this.#frames.next[frame]!;
    const previous = this.#frames.previous[frame]!;
    if (previous === NO_FRAME) this.#head[list] = next;
    else this.#frames.next[previous] = next;
    if (next === NO_FRAME) this.#tail[list] = previous;
    else this.#frames.previous[next] = previous;
    this.#frames.clear(frame, PG.Lru);
    this.#size[list]!--;
  }

  /** Isolates up to `count` frames from the tail into `into`, oldest first. */
  isolateTail(list: number, count: number, into: FrameId[]): void {
    for (let taken = 0; taken < count; taken++) {
      const frame = this.#tail[list]!;
      if (frame === NO_FRAME) return;
      this.remove(list, frame);
      into.push(frame);
    }
  }

  /** Frames of a list counted by walking it; for checks. */
  countByWalking(list: number): number {
    let count = 0;
    for (let frame = this.#head[list]!; frame !== NO_FRAME; frame = this.#frames.next[frame]!) {
      assert(++count <= this.#frames.frames, "an LRU list has no loop");
    }
    return count;
  }

  #enter(list: number, frame: FrameId): void {
    if (this.#frames.has(frame, PG.Lru)) fail("a frame is on at most one LRU list");
    this.#frames.set(frame, PG.Lru);
    this.#size[list]!++;
  }
}
