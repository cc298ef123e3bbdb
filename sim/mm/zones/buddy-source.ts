import { assert, type Pages } from "../../engine/index.ts";
import { type FrameId, type FrameTable, NO_FRAME, PG } from "../frame-table.ts";
import { type FragmentationSpec, type FrameSource, Mobility, type Zone } from "./zone.ts";

/** Orders of free pieces (MAX_ORDER, 6.1): up to 2^10 frames. */
const ORDERS = 11;
/** Frames of a block that is of one mobility (pageblock_order 9). */
const BLOCK_ORDER = 9;
const BLOCK: Pages = 1 << BLOCK_ORDER;
/** From this order on a piece is stolen with the rest of its block (pageblock_order / 2, 6.1). */
const STEAL_ORDER = 4;
/** watermark_boost_factor of 15000: at most so much of the high mark, but at least a block (boost_watermark, 6.1). */
const BOOST_FACTOR = 1.5;
const MOBILITIES = 2;

/**
 * Free frames in buddy lists by mobility, with the fallback that breaks into blocks of the other kind and boosts the
 * zone's watermarks (__rmqueue_fallback, steal_suitable_fallback, boost_watermark, 6.1). Two mobilities: movable, and
 * everything else. Free pieces use the link and entry columns of their first frame.
 */
export class BuddySource implements FrameSource {
  free: Pages = 0;
  readonly #frames: FrameTable;
  readonly #zone: Zone;
  readonly #heads = new Int32Array(ORDERS * MOBILITIES).fill(NO_FRAME);
  /** Mobility by block. */
  readonly #blocks: Uint8Array;
  readonly cached = 0;

  readonly #boosts: boolean;

  constructor(frames: FrameTable, zone: Zone, boosts: boolean) {
    this.#boosts = boosts;
    assert(zone.first % BLOCK === 0, "a zone with buddy lists begins at a block");
    this.#frames = frames;
    this.#zone = zone;
    this.#blocks = new Uint8Array(Math.ceil((zone.end - zone.first) / BLOCK)).fill(Mobility.Movable);
  }

  take(mobility: number): FrameId {
    for (;;) {
      for (let order = 0; order < ORDERS; order++) {
        const piece = this.#heads[order * MOBILITIES + mobility]!;
        if (piece !== NO_FRAME) return this.#split(piece, order, mobility);
      }
      if (!this.#fallBack(mobility)) return NO_FRAME;
    }
  }

  /** __free_one_page: joins the frame with its free buddies. The block says which list the piece goes to. */
  release(frame: FrameId): void {
    const { first, end } = this.#zone;
    let piece = frame - first;
    let order = 0;
    while (order < ORDERS - 1) {
      const buddy = piece ^ (1 << order);
      if (first + buddy >= end || this.#orderOf(first + buddy) !== order) break;
      this.#unlink(first + buddy, order);
      piece &= ~(1 << order);
      order++;
    }
    this.free++;
    this.#link(first + piece, order, this.mobilityOf(frame));
  }

  drain(): void {}

  mobilityOf(frame: FrameId): number {
    return this.#blocks[(frame - this.#zone.first) >> BLOCK_ORDER]!;
  }

  /** Lays out what is free at the start; all other frames are the kernel's. */
  populate(free: Pages, { inBootBlock, inPieces }: FragmentationSpec): void {
    const { first, end } = this.#zone;
    let left = free;
    if (inBootBlock > 0) {
      this.#blocks[0] = Mobility.Unmovable;
      left -= this.#freeDown(first + BLOCK - 1, inBootBlock, left);
    }
    left -= this.#freePieces(Math.min(inPieces, left));
    const lowest = inBootBlock > 0 ? first + BLOCK : first;
    for (let frame = end - 1; frame >= lowest && left > 0; frame--) {
      if (this.#isTaken(frame)) {
        this.#giveUp(frame);
        left--;
      }
    }
    // What is left over lies in the boot block, as single frames of the movable list: pages that once were moved there.
    for (let frame = lowest - 1; frame >= first && left > 0; frame--) {
      if (!this.#isTaken(frame)) continue;
      this.#frames.clear(frame, PG.Allocated);
      this.free++;
      this.#link(frame, 0, Mobility.Movable);
      left--;
    }
    assert(left === 0, "what is free fits its zone");
  }

  check(): readonly string[] {
    let counted = 0;
    for (let list = 0; list < this.#heads.length; list++) {
      const order = Math.floor(list / MOBILITIES);
      for (let piece = this.#heads[list]!; piece !== NO_FRAME; piece = this.#frames.next[piece]!) {
        counted += 1 << order;
      }
    }
    const { name } = this.#zone;
    return counted === this.free
      ? []
      : [`zone ${name} has ${counted} frames on its lists and counts ${this.free}`];
  }

  #freeDown(from: FrameId, pages: Pages, left: Pages): Pages {
    const count = Math.min(pages, left);
    for (let index = 0; index < count; index++) this.#giveUp(from - index);
    return count;
  }

  /** Pieces of sixteen and of four frames in blocks of other kinds, as a machine has them after boot. */
  #freePieces(pages: Pages): Pages {
    const blocks = Math.min(16, this.#blocks.length - 1);
    for (let block = 0; block < blocks && pages > 0; block++) this.#blocks[block] = Mobility.Unmovable;
    let freed = 0;
    for (let piece = 0; freed < pages; piece++) {
      const start = this.#zone.first + (piece % blocks) * BLOCK + Math.floor(piece / blocks) * 64;
      for (let offset = 0; offset < 20 && freed < pages; offset++, freed++) {
        this.#giveUp(start + (offset < 16 ? offset : offset + 16));
      }
    }
    return freed;
  }

  #giveUp(frame: FrameId): void {
    this.#frames.clear(frame, PG.Allocated);
    this.release(frame);
  }

  #isTaken(frame: FrameId): boolean {
    return this.#frames.has(frame, PG.Allocated);
  }

  /** Order of the free piece that begins at a frame; -1 if none does. */
  #orderOf(frame: FrameId): number {
    const entry = this.#frames.entry[frame]!;
    return this.#isTaken(frame) || entry < 0 ? -1 : Math.floor(entry / MOBILITIES);
  }

  #link(piece: FrameId, order: number, mobility: number): void {
    const { next, previous, entry } = this.#frames;
    const list = order * MOBILITIES + mobility;
    const head = this.#heads[list]!;
    entry[piece] = list;
    next[piece] = head;
    previous[piece] = NO_FRAME;
    if (head !== NO_FRAME) previous[head] = piece;
    this.#heads[list] = piece;
  }

  #unlink(piece: FrameId, order: number): void {
    const { next, previous, entry } = this.#frames;
    const list = entry[piece]!;
    assert(Math.floor(list / MOBILITIES) === order, "a free piece is on the list of its order");
    if (previous[piece] === NO_FRAME) this.#heads[list] = next[piece]!;
    else next[previous[piece]!] = next[piece]!;
    if (next[piece] !== NO_FRAME) previous[next[piece]!] = previous[piece]!;
    entry[piece] = -1;
  }

  /** expand: hands out the first frame and puts the halves that are left on their lists. */
  #split(piece: FrameId, order: number, mobility: number): FrameId {
    this.#unlink(piece, order);
    for (let half = order - 1; half >= 0; half--) this.#link(piece + (1 << half), half, mobility);
    this.free--;
    return piece;
  }

  /** __rmqueue_fallback: moves a piece of the other kind over; false if there is none. */
  #fallBack(mobility: number): boolean {
    const other = mobility === Mobility.Movable ? Mobility.Unmovable : Mobility.Movable;
    const largest = this.#orderWithPiece(other, ORDERS - 1, -1);
    if (largest < 0) return false;
    const isWhole = mobility !== Mobility.Movable || largest >= STEAL_ORDER;
    const order = isWhole ? largest : this.#orderWithPiece(other, 0, 1);
    this.#steal(this.#heads[order * MOBILITIES + other]!, order, mobility, isWhole);
    return true;
  }

  /** The first order from `from` in steps of `step` that has a free piece; -1 if none has. */
  #orderWithPiece(mobility: number, from: number, step: number): number {
    for (let order = from; order >= 0 && order < ORDERS; order += step) {
      if (this.#heads[order * MOBILITIES + mobility] !== NO_FRAME) return order;
    }
    return -1;
  }

  /** steal_suitable_fallback. Whole blocks change their mobility; anything smaller boosts the watermarks. */
  #steal(piece: FrameId, order: number, mobility: number, isWhole: boolean): void {
    const zone = this.#zone;
    const block = (piece - zone.first) >> BLOCK_ORDER;
    if (order >= BLOCK_ORDER) {
      this.#blocks.fill(mobility, block, block + (1 << (order - BLOCK_ORDER)));
      this.#move(piece, order, mobility);
      return;
    }
    if (this.#boosts) this.#boostWatermark();
    if (isWhole) this.#moveBlock(block, mobility);
    else this.#move(piece, order, mobility);
  }

  /** boost_watermark. */
  #boostWatermark(): void {
    const zone = this.#zone;
    const most = Math.max(BLOCK, Math.floor(zone.marks.high * BOOST_FACTOR));
    zone.boost = Math.min(zone.boost + BLOCK, most);
    zone.isNewlyBoosted = true;
  }

  #move(piece: FrameId, order: number, mobility: number): void {
    this.#unlink(piece, order);
    this.#link(piece, order, mobility);
  }

  /** move_freepages_block: all that is free there; the block changes if at least half of it suits the new mobility. */
  #moveBlock(block: number, mobility: number): void {
    const start = this.#zone.first + block * BLOCK;
    const end = Math.min(start + BLOCK, this.#zone.end);
    let free = 0;
    let alike = 0;
    for (let frame = start; frame < end; ) {
      const order = this.#orderOf(frame);
      if (order >= 0) {
        this.#move(frame, order, mobility);
        free += 1 << order;
        frame += 1 << order;
        continue;
      }
      if (this.#suits(frame, block, mobility)) alike++;
      frame++;
    }
    if (free + alike >= BLOCK / 2) this.#blocks[block] = mobility;
  }

  /** Whether a frame in use would be at home in a block of the mobility: users' pages are movable. */
  #suits(frame: FrameId, block: number, mobility: number): boolean {
    const isUsers = this.#frames.hasOwner(frame) || this.#frames.has(frame, PG.File | PG.SwapCache);
    if (mobility === Mobility.Movable) return isUsers;
    return this.#blocks[block] === Mobility.Movable && !isUsers;
  }
}
