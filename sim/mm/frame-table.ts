import { assert, fail, type Pages } from "../engine/index.ts";

/** Number of a page frame. */
export type FrameId = number;
export const NO_FRAME: FrameId = -1;

/** Page flags, as the kernel's algorithms read them. */
export const PG = {
  Locked: 0x001,
  Uptodate: 0x002,
  Dirty: 0x004,
  Writeback: 0x008,
  Active: 0x010,
  Referenced: 0x020,
  Workingset: 0x040,
  /** "Free me when the write ends" and "was read ahead": one bit for both, as in the kernel. */
  Reclaim: 0x080,
  SwapCache: 0x100,
  /** On an LRU list. */
  Lru: 0x200,
  /** Mapped by its owner's page table. */
  Mapped: 0x400,
  /** Handed out: neither free nor never used. */
  Allocated: 0x800,
} as const;

const NO_PAGE = 0xffff_ffff;

/**
 * All page frames as rows of typed arrays: 25 bytes a frame. A frame is free, on exactly one LRU list, or isolated
 * by whoever works on it.
 */
export class FrameTable {
  readonly frames: Pages;
  readonly flags: Uint16Array;
  /** Task that maps the frame, or mapped it last. */
  readonly ownerTask: Uint16Array;
  /** Page of that task. */
  readonly ownerPage: Uint32Array;
  /** Swap entry the frame stands for while it is in the swap cache. */
  readonly entry: Int32Array;
  /** LRU links; a free frame's `next` is the next free frame. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** Which bytes are in the frame, as of the last copy in or out; stores since then are not seen here. */
  readonly content: Uint32Array;
  /** Extra references that keep reclaim away. */
  readonly pins: Uint8Array;
  #freeHead: FrameId = NO_FRAME;
  #free: Pages;
  /** Frames handed out for the first time come in ascending order without a list to build. */
  #untouched: FrameId = 0;

  constructor(frames: Pages) {
    assert(frames > 0, "a machine has memory");
    this.frames = frames;
    this.flags = new Uint16Array(frames);
    this.ownerTask = new Uint16Array(frames);
    this.ownerPage = new Uint32Array(frames);
    this.entry = new Int32Array(frames);
    this.next = new Int32Array(frames);
    this.previous = new Int32Array(frames);
    this.content = new Uint32Array(frames);
    this.pins = new Uint8Array(frames);
    this.#free = frames;
  }

  get free(): Pages {
    return this.#free;
  }

  /** Takes any free frame; NO_FRAME if there is none. Watermarks are the caller's business. */
  take(): FrameId {
    if (this.#free === 0) return NO_FRAME;
    this.#free--;
    let frame = this.#freeHead;
    if (frame === NO_FRAME) frame = this.#untouched++;
    else this.#freeHead = this.next[frame]!;
    this.flags[frame] = PG.Allocated;
    this.ownerPage[frame] = NO_PAGE;
    this.entry[frame] = -1;
    this.content[frame] = 0;
    return frame;
  }

  release(frame: FrameId): void {
    const flags = this.flags[frame]!;
    if ((flags & PG.Allocated) === 0) fail("a freed frame was allocated");
    if ((flags & (PG.Lru | PG.SwapCache | PG.Mapped | PG.Writeback | PG.Locked)) !== 0) {
      fail("a freed frame is on no list, in no cache, not mapped and not under I/O");
    }
    if (this.pins[frame] !== 0) fail("a freed frame has no extra references");
    this.flags[frame] = 0;
    this.next[frame] = this.#freeHead;
    this.#freeHead = frame;
    this.#free++;
  }

  has(frame: FrameId, flag: number): boolean {
    return (this.flags[frame]! & flag) !== 0;
  }

  set(frame: FrameId, flag: number): void {
    this.flags[frame]! |= flag;
  }

  clear(frame: FrameId, flag: number): void {
    this.flags[frame]! &= ~flag;
  }

  /** Clears the flag and says whether it was set. */
  testAndClear(frame: FrameId, flag: number): boolean {
    const was = this.has(frame, flag);
    if (was) this.clear(frame, flag);
    return was;
  }

  /** Whether a task ever mapped the frame since it was taken. */
  hasOwner(frame: FrameId): boolean {
    return this.ownerPage[frame] !== NO_PAGE;
  }

  /** Nobody maps it and no slot stands behind it: its task is gone. */
  isOrphan(frame: FrameId): boolean {
    return (this.flags[frame]! & (PG.Mapped | PG.SwapCache)) === 0;
  }
}
