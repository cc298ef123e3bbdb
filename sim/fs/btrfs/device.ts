import type { BlockDevice } from "../../block/index.ts";
import { type BlockNumber, fail, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import { type BlockRun, endOf, FreeSpace } from "../free-space.ts";
import { OrderedMap } from "../ordered-map.ts";
import type { BlockGroup, Stripe } from "./block-group.ts";

/** The first MiB of each device is never allocated; the super block lies at 64 KiB (BTRFS_DEVICE_RANGE_RESERVED). */
export const DEVICE_RESERVED: Pages = MIB / PAGE_SIZE;
/** The super block and its copies (btrfs_sb_offset): 64 KiB, 64 MiB, 256 GiB. */
export const SUPER_BLOCKS: readonly BlockNumber[] = [2 ** 16, 2 ** 26, 2 ** 38].map((at) => at / PAGE_SIZE);

/** A stripe on a device and the group it belongs to. */
export interface DevExtent {
  readonly stripe: Stripe;
  readonly group: BlockGroup;
}

/** One device of the filesystem (struct btrfs_device). */
export class BtrfsDevice {
  readonly id: number;
  readonly device: BlockDevice;
  /** Blocks the filesystem may use; less than the device has after a shrink (total_bytes). */
  size: Pages;
  /** The same in the device's item, which a shrink lowers only at its end (disk_total_bytes). */
  diskSize: Pages;
  /** Gone: reads go to other copies, writes leave it out. */
  missing = false;
  /** Active swap files that lie here: the device must not go (BTRFS swapfile pins). */
  swapFiles = 0;
  /** Space of no chunk, also above `size`. Space of a chunk removed in the running transaction is not in it yet. */
  readonly free: FreeSpace = new FreeSpace();
  /** Dev extents by physical start. */
  readonly extents: OrderedMap<DevExtent> = new OrderedMap<DevExtent>();
  #allocated: Pages = 0;

  constructor(id: number, device: BlockDevice) {
    this.id = id;
    this.device = device;
    this.size = device.size;
    this.diskSize = device.size;
    this.free.give(DEVICE_RESERVED, device.size - DEVICE_RESERVED);
  }

  /** Blocks of chunks (bytes_used). */
  get allocated(): Pages {
    return this.#allocated;
  }

  /** Blocks that new chunks could take. */
  get unallocated(): Pages {
    return this.holes().reduce((sum, { count }) => sum + count, 0);
  }

  /** Free space below `size`, ascending. */
  holes(): BlockRun[] {
    const holes: BlockRun[] = [];
    for (const run of this.free.runsFrom(0)) {
      if (run.block >= this.size) break;
      holes.push({ block: run.block, count: Math.min(endOf(run), this.size) - run.block });
    }
    return holes;
  }

  /** find_free_dev_extent, 6.1: the first hole of the wanted length, else the longest. */
  findHole(wanted: Pages): BlockRun | undefined {
    let longest: BlockRun | undefined;
    for (const hole of this.holes()) {
      if (hole.count >= wanted) return hole;
      if (!longest || hole.count > longest.count) longest = hole;
    }
    return longest;
  }

  addExtent(extent: DevExtent): void {
    this.free.take(extent.stripe.physical, extent.group.stripeLength);
    this.extents.set(extent.stripe.physical, extent);
    this.#allocated += extent.group.stripeLength;
  }

  /** The extent goes; its space is free again only when `releaseSpace` is called, after the commit. */
  removeExtent({ stripe, group }: DevExtent): void {
    if (!this.extents.delete(stripe.physical)) fail("a removed dev extent was there");
    this.#allocated -= group.stripeLength;
  }

  /** Recovery: no chunk lies here yet. */
  reset(size: Pages): void {
    this.size = size;
    this.diskSize = size;
    this.swapFiles = 0;
    this.extents.clear();
    this.free.clear();
    this.free.give(DEVICE_RESERVED, this.device.size - DEVICE_RESERVED);
    this.#allocated = 0;
  }

  releaseSpace(physical: BlockNumber, count: Pages): void {
    this.free.give(physical, count);
  }

  /** Dev extents from the highest one down. */
  extentsDescending(): DevExtent[] {
    return [...this.extents.valuesFrom(0)].reverse();
  }

  extentAt(block: BlockNumber): DevExtent | undefined {
    const extent = this.extents.atOrBefore(block);
    return extent && block < extent.stripe.physical + extent.group.stripeLength ? extent : undefined;
  }
}
