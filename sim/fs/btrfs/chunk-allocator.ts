import { type Bytes, GIB, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { BlockRun } from "../free-space.ts";
import { type BlockGroup, type GroupType, STRIPE_BLOCKS, type Stripe } from "./block-group.ts";
import type { BtrfsDevice } from "./device.ts";
import type { ChunkProfile } from "./profiles.ts";
import type { Volumes } from "./volumes.ts";

/** Sizes are rounded up to this when the 10 % rule cuts them (decide_stripe_size_regular, 6.1). */
const CHUNK_ROUND: Bytes = 16 * MIB;
const STRIPE_LEN: Bytes = STRIPE_BLOCKS * PAGE_SIZE;
/** A device stripe is at most this long. */
const STRIPE_MAX: Bytes = GIB;
/** Above this size metadata chunks are 1 GiB instead of 256 MiB (calc_chunk_size, 6.1). */
const LARGE_FILESYSTEM: Bytes = 50 * GIB;

/** Longest chunk of a type before the 10 % rule. */
function chunkLimit(type: GroupType, total: Bytes): Bytes {
  if (type === "data" || type === "mixed") return 10 * GIB;
  if (type === "system") return 32 * MIB;
  return total > LARGE_FILESYSTEM ? GIB : 256 * MIB;
}

/** The hole looked for on each device, before the 10 % rule. */
function holeWanted(type: GroupType, total: Bytes, profile: ChunkProfile): Bytes {
  return Math.min(chunkLimit(type, total), STRIPE_MAX) * profile.copiesPerDevice;
}

export interface StripeRequest {
  readonly type: GroupType;
  /** Bytes of all writable devices. */
  readonly total: Bytes;
  /** Bytes of the smallest hole among the chosen devices. */
  readonly hole: Bytes;
  readonly profile: ChunkProfile;
  readonly devices: number;
}

/** Data stripes of a chunk: its logical length in device stripes. */
function dataStripes(profile: ChunkProfile, devices: number): number {
  return (devices * profile.copiesPerDevice - profile.parity) / profile.copies;
}

/** decide_stripe_size_regular, 6.1: length of one device stripe of a new chunk, in bytes. */
export function decideStripeSize({ type, total, hole, profile, devices }: StripeRequest): Bytes {
  const limit = Math.min(chunkLimit(type, total), Math.floor(total / 10));
  const stripes = dataStripes(profile, devices);
  let stripe = Math.floor(hole / profile.copiesPerDevice);
  if (stripe * stripes > limit) {
    stripe = Math.min(Math.ceil(Math.floor(limit / stripes) / CHUNK_ROUND) * CHUNK_ROUND, stripe);
  }
  stripe = Math.min(stripe, STRIPE_MAX);
  return Math.floor(stripe / STRIPE_LEN) * STRIPE_LEN;
}

interface Candidate {
  readonly device: BtrfsDevice;
  readonly hole: BlockRun;
  /** Usable part of the hole: no more than wanted. */
  readonly usable: Pages;
}

/**
 * gather_device_info: devices with a hole, the best first: longest usable hole, then most free space. A device whose chunks
 * take more than it has, because it is being shrunk, gets no new ones, whatever holes there are.
 */
function gatherDeviceInfo(volumes: Volumes, wanted: Pages, profile: ChunkProfile): Candidate[] {
  const candidates: Candidate[] = [];
  const least = STRIPE_BLOCKS * profile.copiesPerDevice;
  const free = (device: BtrfsDevice): Pages => device.size - device.allocated;
  for (const device of volumes.writable) {
    if (free(device) < least) continue;
    const hole = device.findHole(wanted);
    if (!hole || hole.count < least) continue;
    candidates.push({ device, hole, usable: Math.min(hole.count, wanted) });
  }
  return candidates.toSorted(
    (a, b) => b.usable - a.usable || free(b.device) - free(a.device) || a.device.id - b.device.id,
  );
}

/** btrfs_create_chunk: undefined if there are not enough devices with room. */
export function createChunk(
  volumes: Volumes,
  wantedType: GroupType,
  profile: ChunkProfile,
): BlockGroup | undefined {
  const type = volumes.homeOf(wantedType);
  const total = volumes.writable.reduce((sum, { size }) => sum + size, 0) * PAGE_SIZE;
  const wanted = holeWanted(type, total, profile) / PAGE_SIZE;
  const candidates = gatherDeviceInfo(volumes, wanted, profile);
  const rounded = candidates.length - (candidates.length % profile.devicesIncrement);
  const count = profile.devicesMax === 0 ? rounded : Math.min(rounded, profile.devicesMax);
  if (count < profile.devicesMin) return undefined;
  const chosen = candidates.slice(0, count);
  const hole = chosen.at(-1)!.usable * PAGE_SIZE;
  const stripeLength = decideStripeSize({ type, total, hole, profile, devices: count }) / PAGE_SIZE;
  if (stripeLength === 0) return undefined;
  const stripes: Stripe[] = chosen.flatMap(({ device, hole: { block } }) =>
    Array.from({ length: profile.copiesPerDevice }, (_, copy) => ({
      device,
      physical: block + copy * stripeLength,
    })),
  );
  const length = stripeLength * dataStripes(profile, count);
  return volumes.addChunk({ type, profile, start: volumes.nextLogical(), length, stripes, stripeLength });
}
