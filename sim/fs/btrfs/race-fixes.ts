import { KERNEL_VERSIONS } from "./rules/index.ts";

/** A lock, a counter or an order of steps that closes a race, and that earlier kernels did without. */
interface RaceFix {
  /** First version that has it. */
  readonly since: number;
  /** The toggle that leaves it out. */
  readonly toggle: string;
}

type RaceFixName =
  | "nocowWriters"
  | "snapshotTryLock"
  | "swapExtentCount"
  | "mmapLockAtActivation"
  | "subvolumeDeleteCheck"
  | "deadFlagUnderLock"
  | "replaceReadOnlyWindow";

const FIXES: Readonly<Record<RaceFixName, RaceFix>> = {
  /** Relocation waits for writers that have decided to write in place (f78c436c3931, 4.7). */
  nocowWriters: { since: 4007, toggle: "noNocowWriters" },
  /** Activation takes the snapshot lock, or refuses (dd0734f2a866, 5.12). */
  snapshotTryLock: { since: 5012, toggle: "noSnapshotTryLock" },
  /** A block group counts its swap extents and does not become read-only while it has any (195a49eaf655, 5.12). */
  swapExtentCount: { since: 5012, toggle: "noSwapExtentCount" },
  /** Activation keeps stores through mappings out from its flush on (0525064bb82e, 6.13). */
  mmapLockAtActivation: { since: 6013, toggle: "noMmapLockAtActivation" },
  /** A subvolume with active swap files is not deleted, and one that is being deleted gets none (60021bd754c6, 5.18). */
  subvolumeDeleteCheck: { since: 5018, toggle: "noSubvolumeDeleteCheck" },
  /** A subvolume is marked as being deleted when no snapshot of it is made (3324d0547861, 6.8 and 6.1.76). */
  deadFlagUnderLock: { since: 6001, toggle: "earlyDeadFlag" },
  /**
   * A group is read-only while device replace copies it (55e3a601c81c, 4.3). 3.18 copies blocks without checksums under
   * the locks of their files, which comes to the same.
   */
  replaceReadOnlyWindow: { since: 0, toggle: "noReplaceWindow" },
};

/** Which of them a mounted filesystem has. */
export type RaceFixes = Readonly<Record<RaceFixName, boolean>>;

/** The fixes of a kernel by its name, without those that a fault leaves out. */
export function raceFixes(kernel: string, faults: ReadonlySet<string> = new Set()): RaceFixes {
  const version = KERNEL_VERSIONS[kernel as keyof typeof KERNEL_VERSIONS];
  const has = ({ since, toggle }: RaceFix): boolean => since <= version && !faults.has(toggle);
  return Object.fromEntries(Object.entries(FIXES).map(([fix, about]) => [fix, has(about)])) as RaceFixes;
}
