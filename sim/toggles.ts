/** A mechanism that can be broken or left out on purpose, to show what follows. */
export interface Toggle {
  readonly name: string;
  readonly meaning: string;
}

/** All toggles. Whoever implements one asks for its name in the set of faults it was given. */
export const TOGGLES: readonly Toggle[] = [
  {
    name: "blindShareTest",
    meaning: "btrfs does not see that a snapshot or clone refers to an extent, so it writes in place",
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
    name: "forgetExtentStart",
    meaning: "block transports leave out where the swap file's extent starts (KB-04, the 5.12-rc1 kernel)",
  },
  {
    name: "exactGroupStatistics",
    meaning: "statistics of memory cgroups never lag behind (no rstat)",
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
    name: "nestedPlugs",
    meaning: "reclaim inside a readahead window sends its writes at once instead of with the window",
  },
  {
    name: "noChargeStock",
    meaning: "pages are charged to a memory cgroup one at a time",
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
    name: "noRefaultActivation",
    meaning: "an evicted page that comes back soon is not put on the active list",
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
    name: "walkSleepers",
    meaning: "MGLRU also walks the page tables of tasks that did not run since the last walk",
  },
  {
    name: "ignoreExclusiveOperation",
    meaning: "btrfs lets exclusive operations, swap activation among them, run at the same time",
  },
  {
    name: "reuseBeforeCommit",
    meaning: "btrfs reuses freed blocks before the transaction that freed them is committed",
  },
  {
    name: "shareTestWalksLeaves",
    meaning: "swapon on btrfs sees sharing through tree leaves as well (the fix of KB-38)",
  },
  {
    name: "unpinnedSwapFile",
    meaning: "btrfs activates a swap file without pinning device, block groups and subvolume",
  },
];
