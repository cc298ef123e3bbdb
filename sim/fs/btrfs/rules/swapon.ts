import type { ExclusiveOperation } from "../exclusive.ts";
import type { DecisionList } from "./rule.ts";

/** The file and what is around it when btrfs_swap_activate looks at it. */
export interface SwapFileState {
  readonly swapFile: boolean;
  readonly compress: boolean;
  readonly nocow: boolean;
  readonly nodatasum: boolean;
  readonly exclusive: ExclusiveOperation | undefined;
  readonly snapshotPending: boolean;
  readonly subvolumeDeleted: boolean;
  readonly subvolume: number;
}

const ACTIVATE = "btrfs_swap_activate";

/** Tests of the file, in order. */
export const SWAP_FILE_RULES: DecisionList<SwapFileState> = [
  {
    condition: "the filesystem has no swap_activate and no bmap",
    when: () => true,
    errno: "EINVAL",
    message: () => "swapfile has holes",
    mechanism: "layout",
    source: "generic_swapfile_activate",
    until: 5000,
  },
  {
    condition: "it is an active swap file already",
    when: ({ swapFile }) => swapFile,
    errno: "EBUSY",
    mechanism: "flag of the swap file",
    source: "swapon",
  },
  {
    condition: "the inode has the compress flag",
    when: ({ compress }) => compress,
    errno: "EINVAL",
    message: () => "swapfile must not be compressed",
    mechanism: "flags",
    source: ACTIVATE,
    since: 5000,
  },
  {
    condition: "the inode is not NODATACOW",
    when: ({ nocow }) => !nocow,
    errno: "EINVAL",
    message: () => "swapfile must not be copy-on-write",
    mechanism: "flags",
    source: ACTIVATE,
    since: 5000,
  },
  {
    condition: "the inode has checksums",
    when: ({ nodatasum }) => !nodatasum,
    errno: "EINVAL",
    message: () => "swapfile must not be checksummed",
    mechanism: "flags",
    source: ACTIVATE,
    since: 5000,
  },
  {
    condition: "another exclusive operation runs, a paused balance included",
    when: ({ exclusive }) => exclusive !== undefined,
    errno: "EBUSY",
    message: () => "cannot activate swapfile while exclusive operation is running",
    mechanism: "exclusive operation",
    source: ACTIVATE,
    since: 5000,
  },
  {
    condition: "a snapshot of the subvolume is being made",
    when: ({ snapshotPending }) => snapshotPending,
    errno: "EINVAL",
    message: () => "cannot activate swapfile because snapshot creation is in progress",
    mechanism: "pin of the subvolume",
    source: ACTIVATE,
    since: 5012,
  },
  {
    condition: "the subvolume is being deleted",
    when: ({ subvolumeDeleted }) => subvolumeDeleted,
    errno: "EPERM",
    message: ({ subvolume }) => `cannot activate swapfile because subvolume ${subvolume} is being deleted`,
    mechanism: "pin of the subvolume",
    source: ACTIVATE,
    since: 5019,
  },
];

/** One extent of the file, from its start to its end. */
export interface SwapExtentState {
  readonly hole: boolean;
  readonly inline: boolean;
  readonly compressed: boolean;
  /** Somebody else refers to it, as far as the share test of the version sees. */
  readonly shared: boolean;
  readonly checksums: boolean;
  readonly groupReadOnly: boolean;
  readonly singleProfile: boolean;
  readonly firstDevice: boolean;
  /** The group has become read-only, so it does not count the extent. */
  readonly countRefused: boolean;
  readonly group: number;
}

const COW_MESSAGE = "swapfile must not be copy-on-write";

/** Tests of each extent, in order. */
export const SWAP_EXTENT_RULES: DecisionList<SwapExtentState> = [
  {
    condition: "a hole",
    when: ({ hole }) => hole,
    errno: "EINVAL",
    message: () => "swapfile must not have holes",
    mechanism: "layout",
    source: ACTIVATE,
  },
  {
    condition: "the extent is inline",
    when: ({ inline }) => inline,
    errno: "EINVAL",
    message: () => "swapfile must not be inline",
    mechanism: "layout",
    source: ACTIVATE,
  },
  {
    condition: "the extent is compressed",
    when: ({ compressed }) => compressed,
    errno: "EINVAL",
    message: () => "swapfile must not be compressed",
    mechanism: "layout",
    source: ACTIVATE,
  },
  {
    condition: "another file or snapshot refers to the extent",
    when: ({ shared }) => shared,
    errno: "EINVAL",
    message: () => COW_MESSAGE,
    mechanism: "share count",
    source: "can_nocow_extent",
  },
  {
    condition: "the extent has checksums",
    when: ({ checksums }) => checksums,
    errno: "EINVAL",
    message: () => COW_MESSAGE,
    mechanism: "flags",
    source: "can_nocow_extent",
  },
  {
    condition: "its block group is read-only (balance, scrub or replace works on it)",
    when: ({ groupReadOnly }) => groupReadOnly,
    errno: "EINVAL",
    message: () => COW_MESSAGE,
    mechanism: "read-only state",
    source: "can_nocow_extent",
    until: 6005,
  },
  {
    condition: "the data profile is not single",
    when: ({ singleProfile }) => !singleProfile,
    errno: "EINVAL",
    message: () => "swapfile must have single data profile",
    mechanism: "layout",
    source: ACTIVATE,
  },
  {
    condition: "it lies on another device than the first extent",
    when: ({ firstDevice }) => !firstDevice,
    errno: "EINVAL",
    message: () => "swapfile must be on one device",
    mechanism: "layout",
    source: ACTIVATE,
  },
  {
    condition: "its block group is read-only",
    when: ({ countRefused }) => countRefused,
    errno: "EINVAL",
    message: ({ group }) => `block group for swapfile at ${group} is read-only (scrub running)`,
    mechanism: "read-only state",
    source: "btrfs_inc_block_group_swap_extents",
    since: 5012,
  },
];
