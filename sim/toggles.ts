/** A mechanism that can be broken on purpose, to show that the oracle sees what follows. */
export interface Toggle {
  readonly name: string;
  readonly meaning: string;
}

/** All toggles. Whoever implements one asks for its name in the set of faults it was given. */
export const TOGGLES: readonly Toggle[] = [
  {
    name: "dropDirtyBit",
    meaning: "reclaim forgets the dirty bit of the page table entry when it unmaps a page",
  },
  {
    name: "forgetExtentStart",
    meaning: "block transports leave out where the swap file's extent starts (KB-04, the 5.12-rc1 kernel)",
  },
  {
    name: "reuseBeforeCommit",
    meaning: "btrfs reuses freed blocks before the transaction that freed them is committed",
  },
];
