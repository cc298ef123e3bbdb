import { fail } from "../../engine/index.ts";

/** What a chunk profile does with data: one row of btrfs_raid_array (fs/btrfs/volumes.c, 6.1). */
export interface ChunkProfile {
  readonly name: string;
  /** A flag of its own tells it; single is the absence of all of them (bg_flag). */
  readonly hasBit: boolean;
  /** Copies of each block (ncopies). */
  readonly copies: number;
  /** Stripes that a chunk has on one device (dev_stripes). */
  readonly copiesPerDevice: number;
  /** Fewest devices a chunk needs. */
  readonly devicesMin: number;
  /** Most devices a chunk takes; 0: all there are. */
  readonly devicesMax: number;
  /** A chunk takes devices in multiples of this. */
  readonly devicesIncrement: number;
  /** True if consecutive pieces of 64 KiB lie on different devices. */
  readonly striped: boolean;
  /** Stripes of each row that hold parity (nparity). The model gives them their place and keeps nothing in them. */
  readonly parity: number;
  /** Devices that may be missing without loss (tolerated_failures). */
  readonly toleratedFailures: number;
}

/** All profiles. Those with parity lay data out as the kernel does, but cannot rebuild what a lost device held. */
export const CHUNK_PROFILES: readonly ChunkProfile[] = [
  row("single", { hasBit: false, copies: 1, devicesMax: 1 }),
  row("dup", { copies: 2, copiesPerDevice: 2, devicesMax: 1 }),
  row("raid0", { copies: 1, devicesMin: 1, striped: true }),
  row("raid1", { copies: 2, devicesMin: 2, devicesMax: 2, toleratedFailures: 1 }),
  row("raid1c3", { copies: 3, devicesMin: 3, devicesMax: 3, toleratedFailures: 2 }),
  row("raid1c4", { copies: 4, devicesMin: 4, devicesMax: 4, toleratedFailures: 3 }),
  row("raid5", { copies: 1, devicesMin: 2, striped: true, parity: 1 }),
  row("raid6", { copies: 1, devicesMin: 3, striped: true, parity: 2 }),
  row("raid10", { copies: 2, devicesMin: 2, devicesIncrement: 2, striped: true, toleratedFailures: 1 }),
];

function row(name: string, more: Partial<ChunkProfile>): ChunkProfile {
  return {
    name,
    hasBit: true,
    copies: 1,
    copiesPerDevice: 1,
    devicesMin: 1,
    devicesMax: 0,
    devicesIncrement: 1,
    striped: false,
    parity: 0,
    toleratedFailures: 0,
    ...more,
  };
}

/** A copy or parity makes up for the loss of a block. */
export function isRedundant({ copies, toleratedFailures, parity }: ChunkProfile): boolean {
  return copies >= 2 || toleratedFailures >= 1 || parity > 0;
}

/** A profile by the name that btrfs-progs gives it. */
export function profileNamed(name: string): ChunkProfile {
  return CHUNK_PROFILES.find((profile) => profile.name === name) ?? fail("a validated profile exists");
}

/** The profile new chunks get when chunks of several exist: the most redundant one (btrfs_reduce_alloc_profile, 6.1). */
const PREFERENCE = [
  "raid1c4",
  "raid1c3",
  "raid6",
  "raid5",
  "raid10",
  "raid1",
  "dup",
  "raid0",
  "single",
] as const;

/** The preferred one of the profiles that exist and that so many devices can carry. */
export function reduceAllocProfile(existing: ReadonlySet<ChunkProfile>, devices: number): ChunkProfile {
  for (const name of PREFERENCE) {
    const profile = profileNamed(name);
    if (existing.has(profile) && devices >= profile.devicesMin) return profile;
  }
  return profileNamed("single");
}
