import type { BlockDevice } from "../../block/index.ts";
import { type BlockNumber, type Engine, type Pages, WaitQueue } from "../../engine/index.ts";
import type { DeviceBlock } from "../filesystem.ts";
import { FreeSpace } from "../free-space.ts";
import type { ChunkProfile } from "./profiles.ts";

export type GroupType = "data" | "metadata";

/** One copy of a chunk on a device (dev extent). */
export interface Stripe {
  readonly device: BlockDevice;
  readonly physical: BlockNumber;
}

/**
 * A chunk and its block group: a piece of the logical address space, where its copies lie, and what is free in it.
 * Addresses are logical block numbers (bytenr / 4096).
 *
 * Invariant: free + used + reserved + pinned = length.
 */
export class BlockGroup {
  readonly type: GroupType;
  readonly profile: ChunkProfile;
  readonly start: BlockNumber;
  readonly length: Pages;
  readonly stripes: readonly Stripe[];
  readonly free: FreeSpace = new FreeSpace();
  /** Blocks of extents. */
  used: Pages = 0;
  /** Blocks given to writes that have not ended. */
  reserved: Pages = 0;
  /** Blocks freed in a transaction that is not on disk yet. */
  pinned: Pages = 0;
  /** Nothing is allocated here, and in-place writes go elsewhere: balance is at work. */
  readOnly = false;
  /** Extents of active swap files: the group must not be relocated, nor made read-only (6.1: swap_extents). */
  swapExtents = 0;
  /** In-place writes that have been decided on and have not ended (nocow_writers). */
  nocowWriters = 0;
  /** Somebody waits here for reservations and in-place writers to end. */
  readonly drained: WaitQueue;

  constructor(
    engine: Engine,
    shape: {
      type: GroupType;
      profile: ChunkProfile;
      start: number;
      length: number;
      stripes: readonly Stripe[];
    },
  ) {
    this.type = shape.type;
    this.profile = shape.profile;
    this.start = shape.start;
    this.length = shape.length;
    this.stripes = shape.stripes;
    this.free.give(this.start, this.length);
    this.drained = new WaitQueue(engine, `block group ${this.start}`);
  }

  get end(): BlockNumber {
    return this.start + this.length;
  }

  holds(logical: BlockNumber): boolean {
    return logical >= this.start && logical < this.end;
  }

  /** Where a logical block lies, one place a copy; the first is the one that is read. */
  placesOf(logical: BlockNumber): readonly DeviceBlock[] {
    return this.stripes.map(({ device, physical }) => ({ device, block: physical + (logical - this.start) }));
  }

  firstPlaceOf(logical: BlockNumber): DeviceBlock {
    const { device, physical } = this.stripes[0]!;
    return { device, block: physical + (logical - this.start) };
  }

  /** Used share in percent, as balance's usage filter compares it. */
  get usage(): number {
    return (100 * (this.used + this.reserved)) / this.length;
  }

  /** True if no write that was decided on before can still land here. */
  get isQuiet(): boolean {
    return this.nocowWriters === 0 && this.reserved === 0;
  }
}
