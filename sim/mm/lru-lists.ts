import { assert, fail } from "../engine/index.ts";
import { type FrameId, type FrameTable, NO_FRAME, PG } from "./frame-table.ts";
import type { ZoneList } from "./zones/zone-list.ts";

/** Doubly linked lists through the frame table, numbered from 0. Head = youngest, tail = scanned first. */
export class LruLists {
  readonly #frames: FrameTable;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #size: Float64Array;
  readonly #zones: ZoneList;
  /** Sizes by list and zone; empty if there is one zone only. */
  readonly #sizeByZone: Float64Array;

  constructor(frames: FrameTable, lists: number, zones: ZoneList) {
    this.#frames = frames;
    this.#zones = zones;
    this.#sizeByZone = new Float64Array(zones.highest > 0 ? lists * zones.zones.length : 0);
    this.#head = new Int32Array(lists).fill(NO_FRAME);
    this.#tail = new Int32Array(lists).fill(NO_FRAME);
    this.#size = new Float64Array(lists);
  }

  size(list: number): number {
    return this.#size[list]!;
  }

  /** Frames of the zones up to `highest` on a list (lruvec_lru_size). */
  sizeUpTo(list: number, highest: number): number {
    if (highest >= this.#zones.highest) return this.#size[list]!;
    let size = 0;
    for (let zone = 0; zone <= highest; zone++) size += this.#sizeByZone[this.#cell(list, zone)]!;
    return size;
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
    this.#count(list, frame, -1);
  }

  /**
   * isolate_lru_folios: takes up to `count` frames of the zones up to `highest` from the tail into `into`, oldest first.
   * Frames of higher zones that stand in the way are moved to the head, in their order; returns how many those are.
   */
  isolateTail(list: number, count: number, highest: number, into: FrameId[]): number {
    const passedOver: FrameId[] = [];
    for (let taken = 0; taken < count; ) {
      const frame = this.#tail[list]!;
      if (frame === NO_FRAME) break;
      this.remove(list, frame);
      if (highest < this.#zones.highest && this.#zones.indexOf(frame) > highest) {
        passedOver.push(frame);
        continue;
      }
      into.push(frame);
      taken++;
    }
    for (const frame of passedOver) this.addHead(list, frame);
    return passedOver.length;
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
    this.#count(list, frame, 1);
  }

  #count(list: number, frame: FrameId, by: number): void {
    this.#size[list]! += by;
    if (this.#sizeByZone.length > 0) this.#sizeByZone[this.#cell(list, this.#zones.indexOf(frame))]! += by;
  }

  #cell(list: number, zone: number): number {
    return list * this.#zones.zones.length + zone;
  }
}
