import type { BlockDevice } from "../../block/index.ts";
import { assert, type BlockNumber, type Engine, type Pages } from "../../engine/index.ts";
import type { DeviceBlock } from "../file-handle.ts";
import { OrderedMap } from "../ordered-map.ts";
import { BlockGroup, type ChunkShape, type GroupType, type Stripe } from "./block-group.ts";
import { BtrfsDevice, type DevExtent, SUPER_BLOCKS } from "./device.ts";
import { FreeChunkSpace } from "./free-chunk-space.ts";
import { type ChunkProfile, reduceAllocProfile } from "./profiles.ts";
import type { CommittedState } from "./recovery.ts";

/** Device space of a removed chunk. */
export interface RemovedStripe {
  readonly device: BtrfsDevice;
  readonly physical: BlockNumber;
  readonly count: Pages;
}

/** Blocks under one copy of the super block that no chunk may use: 64 KiB. */
const SUPER_STRIPE: Pages = 16;

/**
 * Devices and chunks: which piece of the logical address space lies where (volumes.c). The space of a removed chunk is
 * free again only after the next commit, like everything else.
 */
export class Volumes {
  readonly #engine: Engine;
  readonly #devices: BtrfsDevice[];
  readonly #groups = new OrderedMap<BlockGroup>();
  /** The groups of each type in the order in which the allocator walks them: the order of creation. */
  readonly #byType: Readonly<Record<GroupType, BlockGroup[]>> = {
    data: [],
    metadata: [],
    system: [],
    mixed: [],
  };
  /** The group of the last look-up: one I/O asks several times. */
  #lastGroup: BlockGroup | undefined;
  /** Device space of removed chunks, until the commit. */
  readonly #removed: RemovedStripe[] = [];
  readonly #changed: (group: BlockGroup) => void;
  /** What allocProfile found last. */
  readonly #allocProfiles = new Map<GroupType, ChunkProfile>();
  /** A device whose contents are being copied to another one: writes go to both (btrfs_dev_replace). */
  replacing: { readonly source: BtrfsDevice; readonly target: BtrfsDevice } | undefined;

  readonly freeChunkSpace: FreeChunkSpace = new FreeChunkSpace();

  /** Data and metadata share block groups. */
  readonly mixed: boolean;

  /** `changed` is called for every chunk that comes or goes. */
  constructor(
    engine: Engine,
    devices: readonly BlockDevice[],
    mixed: boolean,
    changed: (group: BlockGroup) => void,
  ) {
    this.mixed = mixed;
    assert(devices.length > 0, "a filesystem has a device");
    this.#engine = engine;
    this.#changed = changed;
    this.#devices = devices.map((device, index) => new BtrfsDevice(index + 1, device));
    this.freeChunkSpace.recount(this.#devices);
  }

  /** By devid, ascending. */
  get devices(): readonly BtrfsDevice[] {
    return this.#devices;
  }

  /** Devices that chunks can be put on. */
  get writable(): readonly BtrfsDevice[] {
    return this.#devices.filter(({ missing }) => !missing);
  }

  get size(): Pages {
    return this.#devices.reduce((sum, { size }) => sum + size, 0);
  }

  get unallocated(): Pages {
    return this.#devices.reduce((sum, device) => sum + device.unallocated, 0);
  }

  deviceOf(device: BlockDevice): BtrfsDevice | undefined {
    return this.#devices.find((candidate) => candidate.device === device);
  }

  deviceWithId(id: number): BtrfsDevice | undefined {
    return this.#devices.find((candidate) => candidate.id === id);
  }

  /** btrfs_init_new_device: the next free devid. */
  addDevice(device: BlockDevice): BtrfsDevice {
    const id = Math.max(0, ...this.#devices.map((known) => known.id)) + 1;
    const added = new BtrfsDevice(id, device);
    this.#devices.push(added);
    this.freeChunkSpace.add(added.size);
    this.profilesChanged();
    return added;
  }

  removeDevice(device: BtrfsDevice): void {
    assert(device.allocated === 0, "a removed device is empty");
    this.#devices.splice(this.#devices.indexOf(device), 1);
    this.profilesChanged();
  }

  /** Device replace has finished: `to` takes over the devid and the place of `from`. */
  exchangeDevice(from: BtrfsDevice, to: BtrfsDevice): void {
    if (from.missing) this.freeChunkSpace.add(to.size - to.allocated);
    this.#devices[this.#devices.indexOf(from)] = to;
  }

  /** All block groups by logical address, ascending. */
  groups(): BlockGroup[] {
    return [...this.#groups.valuesFrom(0)];
  }

  /** The highest group below a logical address. */
  groupBefore(logical: BlockNumber): BlockGroup | undefined {
    return this.#groups.atOrBefore(logical - 1);
  }

  groupsOf(type: GroupType): readonly BlockGroup[] {
    return this.#byType[this.homeOf(type)];
  }

  /** Type of the groups in which such extents lie. */
  homeOf(type: GroupType): GroupType {
    return this.mixed && type !== "system" ? "mixed" : type;
  }

  groupAt(logical: BlockNumber): BlockGroup {
    const group = this.findGroup(logical);
    assert(group !== undefined, "a used logical address lies in a block group");
    return group;
  }

  findGroup(logical: BlockNumber): BlockGroup | undefined {
    if (this.#lastGroup?.holds(logical) === true) return this.#lastGroup;
    const group = this.#groups.atOrBefore(logical);
    if (group?.holds(logical) !== true) return undefined;
    this.#lastGroup = group;
    return group;
  }

  /** A range of a group, cut where the chunk changes devices. */
  *piecesOf(group: BlockGroup, first: BlockNumber, count: Pages): Generator<MappedPiece, void, undefined> {
    for (let offset = 0; offset < count; ) {
      const logical = first + offset;
      const length = group.contiguous(logical, count - offset);
      yield { logical, count: length, places: group.placesOf(logical) };
      offset += length;
    }
  }

  /** The logical block a device block stands for; undefined outside all chunks. */
  logicalOf(device: BlockDevice, block: BlockNumber): BlockNumber | undefined {
    const extent = this.deviceOf(device)?.extentAt(block);
    return extent?.group.logicalAt(extent.stripe, block - extent.stripe.physical);
  }

  /** Profile that a new chunk of this type gets if no balance converts (btrfs_get_alloc_profile). */
  allocProfile(type: GroupType): ChunkProfile {
    let profile = this.#allocProfiles.get(type);
    if (!profile) {
      const existing = new Set(this.groupsOf(type).map((group) => group.profile));
      profile = reduceAllocProfile(existing, this.writable.length);
      this.#allocProfiles.set(type, profile);
    }
    return profile;
  }

  /** Chunks or devices came or went, or a device was lost. */
  profilesChanged(): void {
    this.#allocProfiles.clear();
  }

  /** A chunk with this shape exists from now on. */
  addChunk(shape: ChunkShape): BlockGroup {
    const group = new BlockGroup(this.#engine, shape);
    for (const stripe of group.stripes) stripe.device.addExtent({ stripe, group });
    this.freeChunkSpace.take(group.stripes.length * group.stripeLength);
    this.#groups.set(group.start, group);
    this.#byType[group.type].push(group);
    excludeSuperStripes(group);
    this.profilesChanged();
    this.#changed(group);
    return group;
  }

  /** btrfs_remove_chunk: the group must be empty. */
  removeChunk(group: BlockGroup): void {
    assert(group.isEmpty, "a removed block group is empty");
    group.removed = true;
    this.#groups.delete(group.start);
    const siblings = this.#byType[group.type];
    siblings.splice(siblings.indexOf(group), 1);
    this.#lastGroup = undefined;
    for (const stripe of group.stripes) {
      stripe.device.removeExtent({ stripe, group });
      this.#removed.push({ device: stripe.device, physical: stripe.physical, count: group.stripeLength });
    }
    this.freeChunkSpace.add(group.stripes.length * group.stripeLength);
    this.profilesChanged();
    this.#changed(group);
  }

  /** Devices that a write to a stripe goes to: none if its device is missing, two while it is being replaced. */
  writeTargets({ device }: Stripe): readonly BtrfsDevice[] {
    const targets = device.missing ? [] : [device];
    return device === this.replacing?.source ? [...targets, this.replacing.target] : targets;
  }

  /** The space of the chunks removed in the transaction that ends now. */
  takeRemoved(): readonly RemovedStripe[] {
    return this.#removed.splice(0);
  }

  /** That transaction is on disk: the space can be given to new chunks. */
  release(removed: readonly RemovedStripe[]): void {
    for (const { device, physical, count } of removed) device.releaseSpace(physical, count);
  }

  /** New chunks follow the highest one; a removed topmost chunk's addresses are used again (find_next_chunk). */
  nextLogical(): BlockNumber {
    return this.#groups.atOrBefore(Number.MAX_SAFE_INTEGER)?.end ?? 0;
  }

  /** Recovery: chunks and devices are those of the last commit, all of them empty. */
  restore({ groups, devices }: CommittedState): void {
    this.#devices.length = 0;
    this.#groups.clear();
    this.#lastGroup = undefined;
    this.#removed.length = 0;
    this.profilesChanged();
    this.replacing = undefined;
    for (const siblings of Object.values(this.#byType)) siblings.length = 0;
    for (const { device, size } of devices) {
      device.reset(size);
      this.#devices.push(device);
    }
    for (const { group, stripes } of groups) {
      group.reset(stripes);
      for (const stripe of stripes) stripe.device.addExtent({ stripe, group });
      this.#groups.set(group.start, group);
      this.#byType[group.type].push(group);
      excludeSuperStripes(group);
    }
    this.freeChunkSpace.recount(this.writable);
  }

  /** The stripe of a dev extent lies on another device from now on. */
  moveExtent(extent: DevExtent, to: DevExtent): void {
    extent.stripe.device.removeExtent(extent);
    extent.stripe.device.releaseSpace(extent.stripe.physical, extent.group.stripeLength);
    to.stripe.device.addExtent(to);
    extent.group.moveStripe(extent.stripe, to.stripe);
  }
}

/** A piece of logical space that lies in one piece on each of its devices. */
export interface MappedPiece {
  readonly logical: BlockNumber;
  readonly count: Pages;
  readonly places: readonly DeviceBlock[];
}

/** exclude_super_stripes: no extent may lie where a copy of the super block is. */
function excludeSuperStripes(group: BlockGroup): void {
  for (const stripe of group.stripes) {
    for (const block of SUPER_BLOCKS) {
      const offset = block - stripe.physical;
      if (offset < 0 || offset >= group.stripeLength) continue;
      const logical = group.logicalAt(stripe, offset);
      if (logical === undefined) continue;
      const run = group.free.runAt(logical);
      const count = Math.min(SUPER_STRIPE, run ? run.block + run.count - logical : 0);
      if (count <= 0) continue;
      group.free.take(logical, count);
      group.excluded += count;
    }
  }
}
