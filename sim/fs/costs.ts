import { type Costs, type CostTable, MICROSECOND, MILLISECOND, timesOf } from "../engine/index.ts";

/** Steps of filesystems that cost CPU time. */
export type FsCost =
  | "btrfsDirectIo"
  | "btrfsOrderedExtent"
  | "btrfsCommit"
  | "btrfsDelayedRef"
  | "btrfsRelocateExtent"
  | "btrfsDropNode"
  | "btrfsDecompress"
  | "btrfsZlib"
  | "btrfsLzo"
  | "btrfsZstd"
  | "ext4DirectIo"
  | "f2fsDirectIo"
  | "f2fsCollectSection"
  | "nfsCall";

export type FsCosts = Costs<FsCost>;

/** CPU times of filesystems, all of them estimates. */
export const FS_COSTS: CostTable<FsCost> = {
  btrfsDirectIo: { time: 10 * MICROSECOND, meaning: "submission of one direct I/O: map, lock, bio" },
  btrfsOrderedExtent: {
    time: 20 * MICROSECOND,
    meaning: "completion of an ordered extent: join the transaction, update items",
  },
  btrfsCommit: {
    time: 2 * MILLISECOND,
    meaning: "running delayed references and preparing the trees in a commit",
  },
  btrfsDelayedRef: { time: 2 * MICROSECOND, meaning: "one entry of delayed references, run in the commit" },
  btrfsRelocateExtent: {
    time: 50 * MICROSECOND,
    meaning: "looking up and rewriting the pointers of one relocated extent",
  },
  btrfsDropNode: {
    time: 20 * MICROSECOND,
    meaning: "one node that the cleaner visits when it drops a deleted subvolume",
  },
  btrfsDecompress: { time: 4 * MICROSECOND, meaning: "decompressing 4 KiB of a file" },
  btrfsZlib: { time: 60 * MICROSECOND, meaning: "compressing 4 KiB with zlib at its level 3" },
  btrfsLzo: { time: 5 * MICROSECOND, meaning: "compressing 4 KiB with LZO" },
  btrfsZstd: { time: 15 * MICROSECOND, meaning: "compressing 4 KiB with zstd at its level 3" },
  ext4DirectIo: {
    time: 2 * MICROSECOND,
    meaning: "direct I/O of ext4 without the block layer: lock, extent look-up, iomap",
  },
  f2fsDirectIo: {
    time: 2 * MICROSECOND,
    meaning: "direct I/O of f2fs without the block layer: lock, address look-up, iomap",
  },
  f2fsCollectSection: {
    time: 50 * MICROSECOND,
    meaning: "choosing a section to collect and looking its 512 blocks up",
  },
  nfsCall: { time: 15 * MICROSECOND, meaning: "building and decoding one call to an NFS server" },
};

export const usualFsCosts: FsCosts = timesOf(FS_COSTS);
