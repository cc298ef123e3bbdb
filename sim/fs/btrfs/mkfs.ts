import { assert, type Bytes, MIB, PAGE_SIZE } from "../../engine/index.ts";
import { type GroupType, STRIPE_BLOCKS, type Stripe } from "./block-group.ts";
import type { BtrfsDevice } from "./device.ts";
import type { ChunkProfile } from "./profiles.ts";
import type { Volumes } from "./volumes.ts";

/** Where mkfs.btrfs puts its first chunks, logical and physical alike (btrfs-progs 6.2, mkfs/common.c). */
const SYSTEM_START: Bytes = MIB;
const METADATA_START: Bytes = 5_242_880;
const DATA_START: Bytes = 13_631_488;
const DATA_END: Bytes = 22_020_096;
/** Chunks that mkfs makes with its own allocator: the largest of each type. */
const SYSTEM_SIZE: Bytes = 8 * MIB;
const METADATA_MAX: Bytes = 256 * MIB;
const DATA_MAX: Bytes = 1024 * MIB;

/**
 * mkfs.btrfs: the chunks of a fresh filesystem. Single metadata and system lie in the small chunks at the start, which
 * exist only in that case; data always begins with 8 MiB if it is single.
 */
export function mkfs(volumes: Volumes, profiles: Readonly<Record<"data" | "metadata", ChunkProfile>>): void {
  const { data, metadata } = profiles;
  const [first] = volumes.devices;
  assert(first !== undefined, "a filesystem has a device");
  if (volumes.mixed) {
    mkfsMixed(volumes, data, first);
    return;
  }
  if (metadata.name === "single") {
    addSingle(volumes, "system", metadata, first, SYSTEM_START, METADATA_START);
    addSingle(volumes, "metadata", metadata, first, METADATA_START, DATA_START);
  }
  if (data.name === "single") addSingle(volumes, "data", data, first, DATA_START, DATA_END);
  if (metadata.name !== "single") {
    addStriped(volumes, "system", metadata, SYSTEM_SIZE);
    addStriped(volumes, "metadata", metadata, METADATA_MAX);
  }
  if (data.name !== "single") addStriped(volumes, "data", data, DATA_MAX);
}

/** mkfs.btrfs --mixed: one kind of chunk beside the system's. */
function mkfsMixed(volumes: Volumes, profile: ChunkProfile, first: BtrfsDevice): void {
  if (profile.name === "single") {
    addSingle(volumes, "system", profile, first, SYSTEM_START, METADATA_START);
    addSingle(volumes, "mixed", profile, first, METADATA_START, DATA_START);
    return;
  }
  addStriped(volumes, "system", profile, SYSTEM_SIZE);
  addStriped(volumes, "mixed", profile, DATA_MAX);
}

function addSingle(
  volumes: Volumes,
  type: GroupType,
  profile: ChunkProfile,
  device: BtrfsDevice,
  from: Bytes,
  to: Bytes,
): void {
  const start = from / PAGE_SIZE;
  const length = (to - from) / PAGE_SIZE;
  const stripes = [{ device, physical: start }];
  volumes.addChunk({ type, profile, start, length, stripes, stripeLength: length });
}

/**
 * A chunk by the allocator of btrfs-progs (btrfs_alloc_chunk): a tenth of all devices, divided among the stripes and
 * rounded down, at the first hole of each device.
 */
function addStriped(volumes: Volumes, type: GroupType, profile: ChunkProfile, max: Bytes): void {
  const devices = chooseDevices(volumes, profile);
  const stripeCount = devices.length * profile.copiesPerDevice;
  const tenth = Math.floor(volumes.size / 10) * PAGE_SIZE;
  const wanted = type === "system" ? max : Math.min(max, Math.floor(tenth / stripeCount));
  const stripeLength = Math.floor(wanted / PAGE_SIZE / STRIPE_BLOCKS) * STRIPE_BLOCKS;
  const stripes: Stripe[] = devices.flatMap((device) => {
    const hole = device.holes().find(({ block, count }) => {
      const from = device.id === 1 ? Math.max(block, DATA_END / PAGE_SIZE) : block;
      return block + count - from >= stripeLength * profile.copiesPerDevice;
    });
    assert(hole !== undefined, "a fresh device has room for its first chunks");
    const from = device.id === 1 ? Math.max(hole.block, DATA_END / PAGE_SIZE) : hole.block;
    return Array.from({ length: profile.copiesPerDevice }, (_, copy) => ({
      device,
      physical: from + copy * stripeLength,
    }));
  });
  const start = Math.max(volumes.nextLogical(), DATA_END / PAGE_SIZE);
  const length = (stripeLength * (stripeCount - profile.parity)) / profile.copies;
  volumes.addChunk({ type, profile, start, length, stripes, stripeLength });
}

function chooseDevices(volumes: Volumes, profile: ChunkProfile): readonly BtrfsDevice[] {
  const { devices } = volumes;
  const usable = devices.length - (devices.length % profile.devicesIncrement);
  const count = profile.devicesMax === 0 ? usable : Math.min(usable, profile.devicesMax);
  assert(count >= profile.devicesMin, "a validated filesystem has enough devices for its profiles");
  return devices.slice(0, count);
}
