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
  /** Mapped by a page table. */
  Mapped: 0x400,
  /** Handed out: neither free nor never used. */
  Allocated: 0x800,
  /** A page of a file in the page cache; all others are anonymous. */
  File: 0x1000,
  /** In a CPU's batch of pages that are added to a list, moved to a tail, or activated. */
  AddBatch: 0x2000,
  RotateBatch: 0x4000,
  ActivateBatch: 0x8000,
  /**
   * Several tasks may map the page, or refer to its slot, since one of them forked: the opposite of PG_anon_exclusive,
   * because hardly any page has it.
   */
  Shared: 0x10000,
} as const;

/** A page in a batch has one reference more than its users know of. */
export const IN_BATCH: number = PG.AddBatch | PG.RotateBatch | PG.ActivateBatch;

const NO_PAGE = 0xffff_ffff;
const BYTES_A_FRAME = 6 * 4 + 2 + 3;

/**
 * All page frames as rows of typed arrays: 29 bytes a frame. A frame is free, on exactly one LRU list, or isolated
 * by whoever works on it.
 */
export class FrameTable {
  readonly frames: Pages;
  readonly flags: Uint32Array;
  /** Task that maps the frame, or mapped it last; of several, one of them; of a file page: the file. */
  readonly ownerTask: Uint16Array;
  /** Page of that task or file. */
  readonly ownerPage: Uint32Array;
  /** Swap entry the frame stands for while it is in the swap cache; of a free frame the list of its piece. */
  readonly entry: Int32Array;
  /** LRU links; of a free frame those of its free list. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** Which bytes are in the frame, as of the last copy in or out; stores since then are not seen here. */
  readonly content: Uint32Array;
  /** Extra references that keep reclaim away. */
  readonly pins: Uint8Array;
  /** Generation and reference count; belongs to the policy that has generations. */
  readonly generation: Uint8Array;
  /** Memory cgroup the frame is charged to. */
  readonly group: Uint8Array;

  constructor(frames: Pages) {
    assert(frames > 0, "a machine has memory");
    this.frames = frames;
    // One piece of memory for all rows, the widest first: an explorer makes a machine for each schedule.
    const buffer = new ArrayBuffer(frames * BYTES_A_FRAME);
    let at = 0;
    const next = (width: number): readonly [ArrayBuffer, number, number] => {
      at += frames * width;
      return [buffer, at - frames * width, frames];
    };
    this.flags = new Uint32Array(...next(4));
    this.ownerPage = new Uint32Array(...next(4));
    this.entry = new Int32Array(...next(4));
    this.next = new Int32Array(...next(4));
    this.previous = new Int32Array(...next(4));
    this.content = new Uint32Array(...next(4));
    this.ownerTask = new Uint16Array(...next(2));
    this.pins = new Uint8Array(...next(1));
    this.generation = new Uint8Array(...next(1));
    this.group = new Uint8Array(...next(1));
  }

  /** A free frame is handed out: it holds nothing yet. */
  handOut(frame: FrameId): void {
    this.flags[frame] = PG.Allocated;
    this.ownerPage[frame] = NO_PAGE;
    this.entry[frame] = -1;
    this.content[frame] = 0;
    this.generation[frame] = 0;
    this.group[frame] = 0;
  }

  /** A frame comes back. Nobody may have anything to do with it any more. */
  takeBack(frame: FrameId): void {
    const flags = this.flags[frame]!;
    if ((flags & PG.Allocated) === 0) fail("a freed frame was allocated");
    if ((flags & (PG.Lru | PG.SwapCache | PG.Mapped | PG.Writeback | PG.Locked | IN_BATCH)) !== 0) {
      fail("a freed frame is on no list, in no cache, not mapped and not under I/O");
    }
    if (this.pins[frame] !== 0) fail("a freed frame has no extra references");
    this.flags[frame] = 0;
    this.entry[frame] = -1;
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

  /** Whether the frame holds, or held last, a page of a task. */
  hasOwner(frame: FrameId): boolean {
    return this.ownerPage[frame] !== NO_PAGE;
  }

  /** The frame holds no task's page any more: all that it had have pages of their own. */
  disown(frame: FrameId): void {
    this.ownerPage[frame] = NO_PAGE;
  }

  /** Nobody maps it and neither slot nor file stands behind it: its task is gone. */
  isOrphan(frame: FrameId): boolean {
    return (this.flags[frame]! & (PG.Mapped | PG.SwapCache | PG.File)) === 0;
  }

  isFile(frame: FrameId): boolean {
    return (this.flags[frame]! & PG.File) !== 0;
  }

  /** Somebody besides page table and swap cache holds the page: a fault, a batch, or reclaim that isolated it. */
  isHeldByOthers(frame: FrameId): boolean {
    return this.pins[frame] !== 0 || (this.flags[frame]! & (PG.Lru | IN_BATCH)) !== PG.Lru;
  }
}
