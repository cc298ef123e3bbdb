/** What a chunk profile does with data (btrfs_raid_array, 6.1). */
export interface ChunkProfile {
  readonly name: string;
  /** Copies of each block. */
  readonly copies: number;
  /** Copies that lie on one device. */
  readonly copiesPerDevice: number;
  readonly devicesMin: number;
}

/** Profiles the model has so far. RAID profiles are further rows of this table. */
export const CHUNK_PROFILES: readonly ChunkProfile[] = [
  { name: "single", copies: 1, copiesPerDevice: 1, devicesMin: 1 },
  { name: "dup", copies: 2, copiesPerDevice: 2, devicesMin: 1 },
];
