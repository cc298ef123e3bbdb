import { describe, expect, it } from "vitest";
import type { ParameterValues } from "../../../sim/engine/index.ts";
import { FsRaceMachine } from "../../support/fs-race-machine.ts";

/**
 * A program wants a page when nothing is left: it and kswapd each take a batch of pages and swap them out through a write
 * path with its own threads.
 */
function storm(mount: ParameterValues, faults: readonly string[]): FsRaceMachine {
  const machine = new FsRaceMachine("btrfs", faults, mount, 100).dirtyEverything().exhaustMemory();
  return machine.alone(machine.thread(machine.app, "w4 w5"), "app");
}

/** Where everybody stands. */
const labels = ({ engine }: FsRaceMachine): readonly string[] => engine.processes.map(({ label }) => label);

describe("KB-23: a page-out ends in an index update by a pool of workers", () => {
  const bcachefs = { writePath: "bcachefs", writePathWorkers: 2 };

  it("the worker that has the btree lock waits for memory, and all others for the lock", () => {
    const { deadlock } = convoy(["reclaimInSwapRw"]);
    expect(deadlock).toMatch(
      /bcachefs_btree_update\/\d waits in reclaim_throttle for a page under write-back/,
    );
    expect(deadlock).toMatch(/waits in flush_work for work of bcachefs_btree_update/);
  });

  it("a worker that may use the reserves goes on", () => {
    expect(convoy([])).toEqual({ deadlock: undefined, harm: [] });
  });

  it.each([1, 2])("journal reclaim makes room in a journal of %i entries", (writePathRoom) => {
    expect(convoy([], { writePathRoom })).toEqual({ deadlock: undefined, harm: [] });
  });

  it("the rescuer alone is enough", () => {
    expect(convoy([], { writePathWorkers: 0 })).toEqual({ deadlock: undefined, harm: [] });
  });

  it("nothing happens as long as there is memory", () => {
    expect(new FsRaceMachine("btrfs", ["reclaimInSwapRw"], bcachefs).harm()).toEqual([]);
  });

  function convoy(faults: readonly string[], more: ParameterValues = {}) {
    const machine = storm({ ...bcachefs, ...more }, faults);
    const deadlock = machine.deadlock();
    if (deadlock !== undefined) expect(labels(machine)).toContain("six_lock_intent");
    return { deadlock, harm: machine.harm().filter((each) => each !== deadlock) };
  }
});

describe("KB-26: a page-out is a write in a transaction group", () => {
  /** A group takes one page, so that the second page-out has to wait for the next one. */
  const zfs = { writePath: "zfs", writePathRoom: 1 };

  it("the writer of the open group reclaims, and its group cannot be closed before it has left", () => {
    const machine = storm(zfs, ["reclaimInTxg"]);
    expect(machine.deadlock()).toMatch(/zvol\/\d waits in reclaim_throttle for a page under write-back/);
    expect(labels(machine)).toEqual(expect.arrayContaining(["txg_quiesce (cv_wait)", "txg_wait_open"]));
  });

  it("a writer that may use the reserves leaves its group, and the next one opens", () => {
    expect(storm(zfs, []).harm()).toEqual([]);
  });

  it("nothing happens as long as there is memory", () => {
    expect(new FsRaceMachine("btrfs", ["reclaimInTxg"], zfs).harm()).toEqual([]);
  });
});
