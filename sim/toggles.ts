/** A mechanism that can be broken or left out on purpose, to show what follows. */
export interface Toggle {
  readonly name: string;
  readonly meaning: string;
}

/** All toggles, by name. Whoever implements one asks for its name in the set of faults it was given. */
export const TOGGLES: readonly Toggle[] = [
  {
    name: "activateKillable",
    meaning: "swap activation of btrfs ends with EINTR when a signal is pending (the fix of KB-16)",
  },
  {
    name: "allowBmap",
    meaning:
      "swapon takes block numbers from bmap instead of the filesystem's activation; nothing is pinned (KB-01)",
  },
  {
    name: "banSwapWrites",
    meaning: "writes to an active swap file are refused, those of swap itself included (KB-21)",
  },
  {
    name: "blindShareTest",
    meaning: "btrfs does not see that a snapshot or clone refers to an extent, so it writes in place",
  },
  {
    name: "callerLocksInode",
    meaning: "swap takes i_mutex around direct_IO, as proposed in December 2014 (KB-17, era 2014)",
  },
  {
    name: "copyAnswersUnlocked",
    meaning:
      "filefrag and the search ioctl copy their answers when they hold no lock any more (the fix of D6 and D12, era 2014)",
  },
  {
    name: "countAfterActivation",
    meaning:
      "swapon asks whether an area is rotational when the filesystem has told which device it lies on (the fix of KB-37)",
  },
  {
    name: "countNocowWriters",
    meaning:
      "balance waits for writers that have decided to write in place (the fix of KB-08 in the era 2014)",
  },
  {
    name: "countPendingReferences",
    meaning:
      "a reference that a clone has given up counts as sharing until the transaction is committed (KB-11c)",
  },
  {
    name: "countSnapshotWriters",
    meaning:
      "a page-out in place keeps snapshots of its subvolume waiting from its decision on (the fix of L10, era 2014)",
  },
  {
    name: "cryptDrainsReserves",
    meaning:
      "dm-crypt uses up the reserves of the machine before its own (the other half of KB-25, Linux 4.6)",
  },
  {
    name: "cryptTakesPiecemeal",
    meaning:
      "writers of dm-crypt take the pages of one request one by one beside each other (KB-25, until 4.1)",
  },
  {
    name: "debugMutexes",
    meaning:
      "the kernel is built with mutex debugging, so a stray unlock of i_mutex does not count (era 2014)",
  },
  {
    name: "dropDirtyBit",
    meaning: "reclaim forgets the dirty bit of the page table entry when it unmaps a page",
  },
  {
    name: "earlyDeadFlag",
    meaning:
      "a subvolume is marked as being deleted while a snapshot of it is made, which copies the mark (KB-05)",
  },
  {
    name: "endFailedWrites",
    meaning: "a page-out that failed on its device also ends its ordered extent (the fix of L7, era 2014)",
  },
  {
    name: "exactGroupStatistics",
    meaning: "statistics of memory cgroups never lag behind (no rstat)",
  },
  {
    name: "forgetExtentStart",
    meaning: "block transports leave out where the swap file's extent starts (KB-04, the 5.12-rc1 kernel)",
  },
  {
    name: "guessSharing",
    meaning:
      "swapon on btrfs takes an extent for shared if any snapshot was made since it was written, deleted or not (KB-11a)",
  },
  {
    name: "ignoreExclusiveOperation",
    meaning: "btrfs lets exclusive operations, swap activation among them, run at the same time",
  },
  {
    name: "keepOldMapping",
    meaning: "swap activation that moves the file goes on with the mapping of before (KB-03)",
  },
  {
    name: "keepSlots",
    meaning: "slots are kept however full swap is (no 50 % rule)",
  },
  {
    name: "loopWorkerMayDoIo",
    meaning: "the worker of a loop device reclaims with I/O, which waits for itself (KB-24, before 5.3)",
  },
  {
    name: "loseStrict",
    meaning: "the share test forgets on its way that swapon wants an exact answer (KB-11b)",
  },
  {
    name: "mapBeyondHeader",
    meaning:
      "the filesystem's activation maps the whole file, not only what the swap header promises (KB-13)",
  },
  {
    name: "mapUnreadPages",
    meaning: "swapoff maps a frame whose read failed, with whatever is in it (KB-30)",
  },
  {
    name: "nestedPlugs",
    meaning: "reclaim inside a readahead window sends its writes at once instead of with the window",
  },
  {
    name: "noChargeStock",
    meaning: "pages are charged to a memory cgroup one at a time",
  },
  {
    name: "noDeferredFlush",
    meaning: "swap activation does not wait for files that were deleted and not freed yet (KB-12)",
  },
  {
    name: "nofsSparesSwapFile",
    meaning:
      "reclaim that must not enter a filesystem writes to no swap file (the rule of 5.19 in the era 2014)",
  },
  {
    name: "noLookAround",
    meaning: "MGLRU does not look at the neighbours of a page that it finds young",
  },
  {
    name: "noLruBatches",
    meaning: "pages reach the LRU lists one at a time instead of in batches of fifteen",
  },
  {
    name: "noMmapLockAtActivation",
    meaning:
      "stores through a mapping may come between swapon's flush and its look at extents (KB-07, before 6.13)",
  },
  {
    name: "noNocowWriters",
    meaning: "balance does not wait for writers that have decided to write in place (KB-08, before 4.7)",
  },
  {
    name: "noPinnedSections",
    meaning:
      "garbage collection of f2fs remembers no sections with pinned files: each pinned block that it meets in the foreground costs patience (KB-02, before 5.19)",
  },
  {
    name: "noPinSlotOnRead",
    meaning:
      "a fault that reads past the swap cache (zram) does not claim its slot, whose number then proves nothing (KB-27, before 6.8)",
  },
  {
    name: "noReclaimFsRule",
    meaning:
      "reclaim that must not enter a filesystem writes to swap behind one all the same (KB-18b, before 5.19)",
  },
  {
    name: "noRefaultActivation",
    meaning: "an evicted page that comes back soon is not put on the active list",
  },
  {
    name: "noReplaceWindow",
    meaning:
      "device replace copies a block group while blocks of it are written in place (KB-09, before 4.3)",
  },
  {
    name: "noSectionAlignment",
    meaning: "swapon on f2fs takes pieces that share a section with others as they lie (KB-02, before 5.13)",
  },
  {
    name: "noSlotGuard",
    meaning: "a fault does not hold the swap area that it works with against swapoff (KB-29a, before 5.1)",
  },
  {
    name: "noSlotGuardOnFree",
    meaning:
      "a task that gives up a slot does not hold the area against swapoff meanwhile (KB-29b, before 6.9)",
  },
  {
    name: "noSnapshotTryLock",
    meaning: "swapon does not look whether a snapshot of the subvolume is being made (KB-05, before 5.12)",
  },
  {
    name: "noStableWrites",
    meaning: "NFS lets the server acknowledge swap writes that it has only in memory (KB-19, before 5.18)",
  },
  {
    name: "noStateManagerKept",
    meaning:
      "NFSv4 makes the thread that recovers its state only when it is needed, short of memory or not (KB-18d, before 5.18)",
  },
  {
    name: "noSubvolumeDeleteCheck",
    meaning:
      "a subvolume can be deleted while a swap file in it is active or is activated (KB-10, before 5.18)",
  },
  {
    name: "noSwapExtentCount",
    meaning: "a block group with an active swap file can become read-only (KB-06, before 5.12)",
  },
  {
    name: "noTiers",
    meaning: "MGLRU spares no tier of the oldest generation for its refaults",
  },
  {
    name: "noWatermarkBoost",
    meaning: "a request that breaks into blocks of another mobility does not raise the zone's watermarks",
  },
  {
    name: "noZeroPagesTest",
    meaning: "swapon of iomap (ext4) does not look whether any page of the file can be used at all (KB-14)",
  },
  {
    name: "noZswapInvalidate",
    meaning:
      "a page that zswap does not take leaves the slot's older copy in the pool, which hides the new one on disk (KB-28b, before 6.8)",
  },
  {
    name: "noZswapRecheck",
    meaning:
      "zswap writes an entry back without looking again whether the slot is still that of the entry (KB-28c, before 6.4)",
  },
  {
    name: "noZswapUnlock",
    meaning: "zswap leaves the page of a write-back that it gives up locked for ever (KB-28d, before 6.8)",
  },
  {
    name: "onePagePerRequest",
    meaning: "NFS asserts that a request of swap is one page, and stops with a BUG if not (KB-20)",
  },
  {
    name: "reclaimInSwapRw",
    meaning:
      "the worker that enters a page-out in the index of bcachefs reclaims for it, like anybody else (KB-23)",
  },
  {
    name: "reclaimInTxg",
    meaning: "who holds a transaction group of ZFS reclaims for its buffers (KB-26)",
  },
  {
    name: "reserveBeforeNocow",
    meaning: "btrfs reserves space for a direct write before it asks whether the write goes in place (KB-22)",
  },
  {
    name: "reuseBeforeCommit",
    meaning: "btrfs reuses freed blocks before the transaction that freed them is committed",
  },
  {
    name: "rpcWaitsForMemory",
    meaning:
      "the worker that carries NFS calls sleeps until there is memory for a buffer (KB-18c, before 5.18)",
  },
  {
    name: "shareTestWalksLeaves",
    meaning: "swapon on btrfs sees sharing through tree leaves as well (the fix of KB-38)",
  },
  {
    name: "swapByWriteCall",
    meaning:
      "swap calls write with O_DIRECT, which takes i_mutex and may fall back to buffered I/O (KB-17, era 2014)",
  },
  {
    name: "swapIoTakesInodeLock",
    meaning:
      "NFS takes the inode's lock for swap I/O, which a reader of the swap file holds while it reclaims (KB-18a, before 5.18)",
  },
  {
    name: "swapoffTrustsPage",
    meaning:
      "swapoff takes a page out of the swap cache without looking which slot it stands for by now (KB-29c, before 2.6.29)",
  },
  {
    name: "swapRwOwnLocking",
    meaning: "swap has a call of its own that needs no i_mutex (the fix of KB-17, swap_rw of 5.18; era 2014)",
  },
  {
    name: "turnListUnchecked",
    meaning:
      "swapon turns the list of bad pages of a header of the other byte order round before it looks how long it is (KB-15)",
  },
  {
    name: "undoBlockGroupCount",
    meaning:
      "swap activation of btrfs takes a block group's count back when there is no memory for its pin (the fix of KB-33)",
  },
  {
    name: "unpinnedSwapFile",
    meaning: "btrfs activates a swap file without pinning device, block groups and subvolume",
  },
  {
    name: "walkSleepers",
    meaning: "MGLRU also walks the page tables of tasks that did not run since the last walk",
  },
  {
    name: "zswapDropsAtLoad",
    meaning:
      "zswap gives up its copy at every read, even if the page that was read is thrown away (KB-28a, 6.5 to 6.8)",
  },
];
