import type { BlockDevice } from "../../block/index.ts";
import {
  assert,
  type BlockNumber,
  type Bytes,
  type Engine,
  GIB,
  KIB,
  MIB,
  PAGE_SIZE,
  type Pages,
} from "../../engine/index.ts";
import { FreeSpace } from "../free-space.ts";
import { OrderedMap } from "../ordered-map.ts";
import { BlockGroup, type GroupType, type Stripe } from "./block-group.ts";
import type { ChunkProfile } from "./profiles.ts";

/** The first MiB of each device is never allocated; the super block lies at 64 KiB (BTRFS_DEVICE_RANGE_RESERVED). */
const RESERVED: Pages = MIB / PAGE_SIZE;
export const SUPER_BLOCK: BlockNumber = (64 * KIB) / PAGE_SIZE;
/** Sizes are rounded up to this when the 10 % rule cuts them (decide_stripe_size_regular, 6.1). */
const CHUNK_ROUND: Bytes = 16 * MIB;
/** Stripe length; sizes are rounded down to it. */
const STRIPE_LEN: Bytes = 64 * KIB;
/** A device stripe is at most this long. */
const STRIPE_MAX: Bytes = GIB;
/** Above this size metadata chunks are 1 GiB instead of 256 MiB (btrfs_space_info, 6.1). */
const LARGE_FILESYSTEM: Bytes = 50 * GIB;

/** Longest chunk of a type before the 10 % rule. */
function chunkLimit(type: GroupType, total: Bytes): Bytes {
  if (type === "data") return 10 * GIB;
  return total > LARGE_FILESYSTEM ? GIB : 256 * MIB;
}

/** Length of one stripe of a new chunk, given the hole it goes to. Both in bytes. */
export function stripeSize(type: GroupType, total: Bytes, hole: Bytes, copiesPerDevice: number): Bytes {
  const limit = Math.min(chunkLimit(type, total), Math.floor(total / 10));
  let stripe = Math.floor(hole / copiesPerDevice);
  if (stripe > limit) stripe = Math.min(Math.ceil(limit / CHUNK_ROUND) * CHUNK_ROUND, stripe);
  stripe = Math.min(stripe, STRIPE_MAX);
  return Math.floor(stripe / STRIPE_LEN) * STRIPE_LEN;
}

export interface DeviceSpace {
  readonly device: BlockDevice;
  readonly free: FreeSpace;
  /** Stripes by their physical start, for the way back from a device block. */
  readonly stripes: OrderedMap<{ readonly physical: BlockNumber; readonly group: BlockGroup }>;
}

/** Device space of a removed chunk. */
export interface RemovedStripe {
  readonly space: DeviceSpace;
  readonly physical: BlockNumber;
  readonly count: Pages;
}

/**
 * Devices and chunks: which piece of the logical address space lies where. The space of a removed chunk is free again
 * only after the next commit, like everything else.
 */
export class Volumes {
  readonly #engine: Engine;
  readonly #devices: readonly DeviceSpace[];
  readonly #groups = new OrderedMap<BlockGroup>();
  /** The group of the last look-up: one I/O asks several times. */
  #lastGroup: BlockGroup | undefined;
  /** Device space of removed chunks, until the commit. */
  readonly #removed: RemovedStripe[] = [];

  constructor(engine: Engine, devices: readonly BlockDevice[]) {
    assert(devices.length > 0, "a filesystem has a device");
    this.#engine = engine;
    this.#devices = devices.map((device) => {
      const free = new FreeSpace();
      free.give(RESERVED, device.size - RESERVED);
      return { device, free, stripes: new OrderedMap() };
    });
  }

  get devices(): readonly BlockDevice[] {
    return this.#devices.map(({ device }) => device);
  }

  get size(): Pages {
    return this.#devices.reduce((sum, { device }) => sum + device.size, 0);
  }

  get unallocated(): Pages {
    return this.#devices.reduce((sum, { free }) => sum + free.blocks, 0);
  }

  /** All block groups by logical address, ascending. */
  groups(): BlockGroup[] {
    return [...this.#groups.valuesFrom(0)];
  }

  groupAt(logical: BlockNumber): BlockGroup {
    if (this.#lastGroup?.holds(logical) === true) return this.#lastGroup;
    const group = this.#groups.atOrBefore(logical);
    assert(group?.holds(logical) === true, "a used logical address lies in a block group");
    this.#lastGroup = group;
    return group;
  }

  /** The logical block a device block stands for; undefined outside all chunks. */
  logicalOf(device: BlockDevice, block: BlockNumber): BlockNumber | undefined {
    const space = this.#devices.find((candidate) => candidate.device === device);
    const stripe = space?.stripes.atOrBefore(block);
    if (!stripe || block >= stripe.physical + stripe.group.length) return undefined;
    return stripe.group.start + (block - stripe.physical);
  }

  /** btrfs_create_chunk: undefined if no device has room. */
  createChunk(type: GroupType, profile: ChunkProfile): BlockGroup | undefined {
    const total = this.size * PAGE_SIZE;
    const wanted = (Math.min(chunkLimit(type, total), STRIPE_MAX) * profile.copiesPerDevice) / PAGE_SIZE;
    const [space] = this.#devices.toSorted((a, b) => b.free.blocks - a.free.blocks);
    const hole = space && findHole(space.free, wanted);
    if (!space || !hole) return undefined;
    const bytes = stripeSize(type, total, hole.count * PAGE_SIZE, profile.copiesPerDevice);
    const length = bytes / PAGE_SIZE;
    if (length === 0) return undefined;
    const stripes: Stripe[] = [];
    for (let copy = 0; copy < profile.copiesPerDevice; copy++) {
      const physical = hole.block + copy * length;
      space.free.take(physical, length);
      stripes.push({ device: space.device, physical });
    }
    const group = new BlockGroup(this.#engine, {
      type,
      profile,
      start: this.#nextLogical(),
      length,
      stripes,
    });
    this.#groups.set(group.start, group);
    for (const { physical } of stripes) space.stripes.set(physical, { physical, group });
    return group;
  }

  /** btrfs_remove_chunk: the group must be empty. */
  removeChunk(group: BlockGroup): void {
    assert(group.free.blocks === group.length, "a removed block group is empty");
    this.#groups.delete(group.start);
    this.#lastGroup = undefined;
    for (const { device, physical } of group.stripes) {
      const space = this.#devices.find((candidate) => candidate.device === device)!;
      space.stripes.delete(physical);
      this.#removed.push({ space, physical, count: group.length });
    }
  }

  /** The space of the chunks removed in the transaction that ends now. */
  takeRemoved(): readonly RemovedStripe[] {
    return this.#removed.splice(0);
  }

  /** That transaction is on disk: the space can be given to new chunks. */
  release(removed: readonly RemovedStripe[]): void {
    for (const { space, physical, count } of removed) space.free.give(physical, count);
  }

  /** Free device space, for trim and maps. */
  unallocatedRuns(device: BlockDevice): { readonly block: BlockNumber; readonly count: Pages }[] {
    const space = this.#devices.find((candidate) => candidate.device === device);
    return space ? [...space.free.runsFrom(0)] : [];
  }

  /** New chunks follow the highest one; a removed topmost chunk's addresses are used again. */
  #nextLogical(): BlockNumber {
    const top = this.#groups.atOrBefore(Number.MAX_SAFE_INTEGER);
    return top ? top.end : RESERVED;
  }
}

/** find_free_dev_extent: the first hole of the wanted length, else the longest (6.1). */
function findHole(free: FreeSpace, wanted: Pages): { block: BlockNumber; count: Pages } | undefined {
  for (const run of free.runsFrom(0)) if (run.count >= wanted) return run;
  return free.longest();
}
