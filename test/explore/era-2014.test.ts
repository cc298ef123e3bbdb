import { describe, expect, it } from "vitest";
import { explore, simulate } from "../../sim/index.ts";
import { type Scene, scene } from "../support/scene.ts";
import { searchNamed, shipped } from "./support.ts";

/** A defect of the 2014 series: its file, what its harm is called, and what is enough to show that the fix holds. */
interface Defect {
  readonly file: string;
  readonly harm: RegExp;
  /** Search that finds it in a few schedules; left out: bounded. */
  readonly search?: string;
  /** Preemptions up to which all schedules are tried with the fix, 2 if left out; or there are too many for a test. */
  readonly bound?: number | "sampled";
  /** The strategy without the defect, if no toggle takes it out. */
  readonly fixed?: string;
}

const V2 = "direct-io(era=2014)";
const LOCKS_ITSELF = /waits in lock_extent_direct \(write\) for extents of \/swapfile\.?$/;

const defects: readonly Defect[] = [
  {
    file: "L06-balance-against-a-page-out",
    harm: /got generation 2, written by block 1 of \/swapfile/,
    search: "pct",
    bound: "sampled",
  },
  { file: "L10-snapshot-against-a-page-out", harm: /^block 1 of \/snap\/swapfile/, bound: 0 },
  {
    file: "L12-truncate-against-swapon",
    harm: /^page 0 of task program: got the slot could not be read/,
    bound: 1,
  },
  { file: "D04-reader-swaps-out-into-its-range", harm: LOCKS_ITSELF },
  { file: "D05-clone-swaps-out-into-its-range", harm: LOCKS_ITSELF },
  { file: "D06-filefrag-into-a-cold-buffer", harm: /filefrag waits in lock_extent_direct \(read\)/ },
  {
    file: "D07-page-in-and-range-locker",
    harm: /(?=.*program waits in lock_extent_direct \(write\)).*read waits in lock_extent \(read\)/,
    search: "pct",
  },
  {
    file: "D08-commit-swaps-out-under-node-locks",
    harm: /sync waits in btrfs_lookup_file_extent for tree node locks/,
  },
  {
    file: "D11-worker-swaps-out-to-the-slot-it-completes",
    harm: /btrfs-endio-write waits in btrfs_start_ordered_extent/,
  },
  { file: "D12-search-into-a-cold-buffer", harm: /waits in btrfs_get_extent \(tree read lock\)/ },
  {
    file: "D13-nfs-request-under-i-mutex",
    harm: /waits in mutex_lock \(nfs_file_direct_write\) for i_mutex/,
    fixed: "direct-io(era=2014,patch3=false)",
  },
  { file: "D14-slot-with-a-lost-completion", harm: /waits in btrfs_start_ordered_extent for a write error/ },
];

const broken = ({ file }: Defect): Scene => scene(shipped(`2014-${file}`), V2, { broken: true });

describe.each(defects)("2014: $file", (defect) => {
  it("is found from nothing but the scenario", () => {
    const { scenario, variant } = broken(defect);
    const search = searchNamed(defect.search ?? "bounded");
    const { violation } = explore(scenario, variant, search, { schedules: 400 });
    expect(violation?.what).toMatch(defect.harm);
    if (scenario.bug) expect(scenario.bug.invariants).toContain(violation?.invariant);
  });

  it("is not there in simulated time, nor if everybody steps in turn", () => {
    const { scenario, variant } = broken(defect);
    const timed = simulate(scenario, variant, { maps: false });
    expect(timed).toMatchObject({ verdict: "inconclusive", violations: [], checks: [], breaches: [] });
    const inTurn = explore(scenario, variant, searchNamed("round-robin"), { schedules: 1 });
    expect(inTurn.violation).toBeUndefined();
  });

  it("is not there with its fix, and swap works", () => {
    const { file, bound = 2, fixed = V2, search = "bounded" } = defect;
    const { scenario, variant } = scene(shipped(`2014-${file}`), fixed);
    const isSampled = bound === "sampled";
    const held = isSampled
      ? explore(scenario, variant, searchNamed(search), { schedules: 150 })
      : explore(scenario, variant, searchNamed("bounded"), { schedules: 20_000, bound });
    expect(held.violation).toBeUndefined();
    expect(held.complete).toBe(!isSampled);
    expect(held.pagesBack).toBeGreaterThan(0);
    expect(held.answeredOk).toEqual(expect.arrayContaining([...(scenario.bug?.witness.ok ?? [])]));
  });
});

describe("a dead-lock", () => {
  it("ends the schedule where only timers of the kernel are left to go on", () => {
    const { scenario, variant } = scene(shipped("2014-D14-slot-with-a-lost-completion"), V2, {
      broken: true,
    });
    const { violation } = explore(scenario, variant, searchNamed("bounded"), { schedules: 100 });
    expect(violation?.kind).toMatch(/^deadlocked in /);
    const names = violation?.execution.steps.map(({ name }) => name);
    expect(names).not.toContain("psi_avgs");
  });
});
