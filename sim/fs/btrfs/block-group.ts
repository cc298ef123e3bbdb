import { type BlockNumber, type Engine, KIB, PAGE_SIZE, type Pages, WaitQueue } from "../../engine/index.ts";
import type { DeviceBlock } from "../file-handle.ts";
import { FreeSpace } from "../free-space.ts";
import type { BtrfsDevice } from "./device.ts";
import type { ChunkProfile } from "./profiles.ts";

/** `mixed`: data and metadata in the same groups, as small filesystems may have them. */
export type GroupType = "data" | "metadata" | "system" | "mixed";

/** One piece of a chunk on a device (dev extent). */
export interface Stripe {
  readonly device: BtrfsDevice;
  readonly physical: BlockNumber;
}

/** Length of one stripe element: BTRFS_STRIPE_LEN, 64 KiB. */
export const STRIPE_BLOCKS: Pages = (64 * KIB) / PAGE_SIZE;

export interface ChunkShape {
  readonly type: GroupType;
  readonly profile: ChunkProfile;
  /** Logical block number. */
  readonly start: BlockNumber;
  /** Logical blocks. */
  readonly length: Pages;
  readonly stripes: readonly Stripe[];
  /** Blocks of each stripe. */
  readonly stripeLength: Pages;
}

/**
 * A chunk and its block group: a piece of the logical address space, where its copies lie, and what is free in it.
 * Addresses are logical block numbers (bytenr / 4096).
 *
 * Invariant: free + used + reserved + pinned + excluded = length.
 */
export class BlockGroup {
  readonly type: GroupType;
  readonly profile: ChunkProfile;
  readonly start: BlockNumber;
  readonly length: Pages;
  readonly stripeLength: Pages;
  /** Free blocks by address and by length. */
  readonly free: FreeSpace;
  /** Blocks of extents. */
  used: Pages = 0;
  /** Extents that came or went. */
  extentChanges = 0;
  /** Blocks given to writes that have not ended. */
  reserved: Pages = 0;
  /** Blocks freed in a transaction that is not on disk yet. */
  pinned: Pages = 0;
  /** Blocks under copies of the super block: never given out (exclude_super_stripes). */
  excluded: Pages = 0;
  /** Extents of active swap files: the group must not be relocated, nor made read-only (swap_extents, since 5.12). */
  swapExtents = 0;
  /** Writers that have decided to write in place and have no ordered extent yet (nocow_writers). */
  nocowWriters = 0;
  /** In-place writes under way (ordered extents without new space). */
  orderedInPlace = 0;
  /** The chunk has been removed; the group lives on only in the hands of those who held it. */
  removed = false;
  /** Somebody waits here for reservations and in-place writers to end. */
  readonly drained: WaitQueue;
  /** How many have asked for nothing to be allocated here: balance, scrub, replace, shrink (ro). */
  #readOnly = 0;
  #stripes: readonly Stripe[];
  /** Data columns: pieces of 64 KiB that follow each other lie in different ones. */
  readonly #columns: number;

  constructor(engine: Engine, shape: ChunkShape) {
    this.type = shape.type;
    this.profile = shape.profile;
    this.start = shape.start;
    this.length = shape.length;
    this.stripeLength = shape.stripeLength;
    this.#stripes = shape.stripes;
    this.#columns = shape.profile.striped
      ? (shape.stripes.length - shape.profile.parity) / shape.profile.copies
      : 1;
    this.free = new FreeSpace({ block: this.start, count: this.length });
    this.free.give(this.start, this.length);
    this.drained = new WaitQueue(engine, `block group ${this.start}`);
  }

  get stripes(): readonly Stripe[] {
    return this.#stripes;
  }

  /** Grows whenever an extent or free space in the group changes. */
  get version(): number {
    return this.extentChanges + this.free.version;
  }

  get end(): BlockNumber {
    return this.start + this.length;
  }

  get readOnly(): boolean {
    return this.#readOnly > 0;
  }

  /**
   * inc_block_group_ro: nothing is allocated here from now on, and in-place writes go elsewhere. Nests. False if extents
   * of an active swap file are counted.
   */
  markReadOnly(): boolean {
    if (this.swapExtents > 0) return false;
    this.#readOnly++;
    return true;
  }

  unmarkReadOnly(): void {
    this.#readOnly--;
  }

  /** btrfs_inc_block_group_swap_extents: false if the group is read-only. */
  incSwapExtents(): boolean {
    if (this.readOnly) return false;
    this.swapExtents++;
    return true;
  }

  decSwapExtents(extents: number = 1): void {
    this.swapExtents -= extents;
  }

  /** btrfs_inc_nocow_writers: relocation waits for the writer from here on; false if nothing may be written any more. */
  incNocowWriters(): boolean {
    if (this.readOnly) return false;
    this.nocowWriters++;
    return true;
  }

  decNocowWriters(): void {
    this.nocowWriters--;
    if (this.isQuiet) this.drained.wakeAll();
  }

  /** The ordered extent of a write in place ends. */
  endOrderedInPlace(): void {
    this.orderedInPlace--;
    if (this.isQuiet) this.drained.wakeAll();
  }

  holds(logical: BlockNumber): boolean {
    return logical >= this.start && logical < this.end;
  }

  /** Blocks from `logical` on that lie next to each other on each device, at most `count`. */
  contiguous(logical: BlockNumber, count: Pages): Pages {
    if (this.#columns === 1 && this.profile.parity === 0) return count;
    return Math.min(count, STRIPE_BLOCKS - ((logical - this.start) % STRIPE_BLOCKS));
  }

  /** Where copy `mirror` of a logical block lies (btrfs_map_block). */
  place(logical: BlockNumber, mirror: number): DeviceBlock & { readonly stripe: Stripe } {
    const offset = logical - this.start;
    if (this.#columns === 1 && this.profile.parity === 0) {
      const stripe = this.#stripes[mirror]!;
      return { stripe, device: stripe.device.device, block: stripe.physical + offset };
    }
    const element = Math.floor(offset / STRIPE_BLOCKS);
    const column = element % this.#columns;
    const row = Math.floor(element / this.#columns);
    const stripe = this.#stripes[this.#stripeOf(column, row, mirror)]!;
    const block = stripe.physical + row * STRIPE_BLOCKS + (offset % STRIPE_BLOCKS);
    return { stripe, device: stripe.device.device, block };
  }

  /** Parity turns with the rows, so that every device has its share of it (btrfs_map_block). */
  #stripeOf(column: number, row: number, mirror: number): number {
    const { copies, parity } = this.profile;
    if (parity === 0) return column * copies + mirror;
    return (column + row) % this.#stripes.length;
  }

  /** Where a logical block lies, one place a copy. */
  placesOf(logical: BlockNumber): readonly DeviceBlock[] {
    const { copies } = this.profile;
    if (copies === 1) return [this.place(logical, 0)];
    return Array.from({ length: copies }, (_, mirror) => this.place(logical, mirror));
  }

  firstPlaceOf(logical: BlockNumber): DeviceBlock {
    return this.place(logical, 0);
  }

  /** The way back: the logical block at `offset` blocks of a stripe; undefined in parity. */
  logicalAt(stripe: Stripe, offset: Pages): BlockNumber | undefined {
    const { copies, parity } = this.profile;
    if (this.#columns === 1 && parity === 0) return this.start + offset;
    const row = Math.floor(offset / STRIPE_BLOCKS);
    const index = this.#stripes.indexOf(stripe);
    const turned = (index + this.#stripes.length - (row % this.#stripes.length)) % this.#stripes.length;
    const column = parity === 0 ? Math.floor(index / copies) : turned;
    if (column >= this.#columns) return undefined;
    return this.start + (row * this.#columns + column) * STRIPE_BLOCKS + (offset % STRIPE_BLOCKS);
  }

  /** A stripe lies elsewhere from now on: device replace has finished (btrfs_dev_replace_update_device_in_mapping_tree). */
  moveStripe(from: Stripe, to: Stripe): void {
    this.#stripes = this.#stripes.map((stripe) => (stripe === from ? to : stripe));
  }

  /** Recovery: the group as it is before anything is found in it. */
  reset(stripes: readonly Stripe[]): void {
    this.#stripes = stripes;
    this.#readOnly = 0;
    this.used = 0;
    this.reserved = 0;
    this.pinned = 0;
    this.excluded = 0;
    this.swapExtents = 0;
    this.nocowWriters = 0;
    this.orderedInPlace = 0;
    this.removed = false;
    this.drained.abandon();
    this.free.clear();
    this.free.give(this.start, this.length);
  }

  /** True if no write that was decided on before can still land here. */
  get isQuiet(): boolean {
    return this.nocowWriters + this.orderedInPlace + this.reserved === 0;
  }

  /** True if nothing refers to it and nothing is about to. */
  get isEmpty(): boolean {
    return this.used === 0 && this.reserved === 0 && this.pinned === 0;
  }

  /** "data", "metadata|dup": flags as the kernel log writes them. */
  get flags(): string {
    const type = this.type === "mixed" ? "data|metadata" : this.type;
    return this.profile.name === "single" ? type : `${type}|${this.profile.name}`;
  }

  /** Start address in bytes, as messages and btrfs-progs name a block group. */
  get bytenr(): number {
    return this.start * PAGE_SIZE;
  }
}
