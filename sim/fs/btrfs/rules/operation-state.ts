import type { ExclusiveOperation } from "../exclusive.ts";

/** What an operation meets. Only what it asks for has to be right. */
export interface OperationState {
  /** Mounted read-only, or forced so by an aborted transaction. */
  readonly readOnlyFilesystem: boolean;
  readonly readOnlySubvolume: boolean;
  /** The subvolume above the one in question is read-only. */
  readonly readOnlyParent: boolean;
  readonly immutable: boolean;
  readonly appendOnly: boolean;
  readonly exclusive: ExclusiveOperation | undefined;
  /** A scrub works on the devices. */
  readonly scrubRuns: boolean;
  /** The file is an active swap file (S_SWAPFILE), which the VFS protects under every strategy. */
  readonly swapFile: boolean;
  /** btrfs has activated it, so its own tests of 5.0 protect it too; bmap and the 2014 series did without. */
  readonly swapActivated: boolean;
  /** The subvolume has active swap files (nr_swapfiles). */
  readonly swapSubvolume: boolean;
  /** The block group has extents of active swap files (swap_extents). */
  readonly swapGroup: boolean;
  /** The device holds an active swap file (BTRFS_SWAPFILE_PINS). */
  readonly swapDevice: boolean;
  /** Without the device the profiles of the chunks have fewer than they need. */
  readonly tooFewDevices: boolean;
  /** No other device can be written to. */
  readonly lastWritable: boolean;
  /** Both files have checksums, or neither. */
  readonly sameChecksums: boolean;
  /** A size does not grow the file. */
  readonly shrinks: boolean;
  /** The file would become longer than the filesystem lets a file be. */
  readonly tooLong: boolean;
  /** The file is NODATACOW or NODATASUM, which no compression goes with. */
  readonly nocow: boolean;
  /** chattr would leave both +c and +m, or +C with one of them where it was or will be. */
  readonly compressedAndNot: boolean;
  readonly compressionAndNocow: boolean;
  /** Sends that read the subvolume, and deduplications into it. */
  readonly sends: number;
  readonly dedupes: number;
  /** Some file is open, for remounts one that may be written: active swap files are. */
  readonly busy: boolean;
  readonly frozen: boolean;
  /** Nothing is mounted there any more. */
  readonly unmounted: boolean;
  /** In messages: the device with its devid, the block group in bytes, the id of the subvolume. */
  readonly device: string;
  readonly group: number;
  readonly subvolume: number;
  /** Id of the subvolume above it. */
  readonly parent: number;
}

/** A state in which nothing is special. */
export const PLAIN_STATE: OperationState = {
  readOnlyFilesystem: false,
  readOnlySubvolume: false,
  readOnlyParent: false,
  immutable: false,
  appendOnly: false,
  exclusive: undefined,
  scrubRuns: false,
  swapFile: false,
  swapActivated: false,
  swapSubvolume: false,
  swapGroup: false,
  swapDevice: false,
  tooFewDevices: false,
  lastWritable: false,
  sameChecksums: true,
  shrinks: true,
  tooLong: false,
  nocow: false,
  compressedAndNot: false,
  compressionAndNocow: false,
  sends: 0,
  dedupes: 0,
  busy: false,
  frozen: false,
  unmounted: false,
  device: "",
  group: 0,
  subvolume: 0,
  parent: 0,
};
