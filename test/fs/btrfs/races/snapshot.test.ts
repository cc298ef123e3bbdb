import { describe, expect, it } from "vitest";
import type { OperationResult } from "../../../../sim/fs/index.ts";
import { BtrfsRaceMachine } from "../../support/btrfs-race-machine.ts";

/** swapon of the file of a subvolume, and a snapshot of the subvolume; then a page goes to slot 5. */
function swaponAndSnapshot(script: string, setup: ConstructorParameters<typeof BtrfsRaceMachine>[0] = {}) {
  const machine = new BtrfsRaceMachine(setup);
  machine.run(machine.fs.subvolumes.create("/sv", "step"));
  machine.create("/sv/swap", 16, { nocow: true });
  machine.wait(100_000_000);
  const { swapon, snapshot } = machine.race(
    {
      swapon: machine.swapon("/sv/swap"),
      snapshot: machine.fs.subvolumes.snapshot("/sv", "/snap", true, "step"),
    },
    script,
  );
  machine.swapOut("/sv/swap", 5);
  return { machine, swapon, snapshot: (snapshot as OperationResult).errno ?? "ok" };
}

const IN_BETWEEN = `
  snapshot  until btrfs_commit_transaction
  swapon    goes on
  snapshot  goes on`;

describe("KB-05: swapon while a snapshot is made", () => {
  it.each([
    ["without the lock", { faults: ["noSnapshotTryLock"] }],
    ["in 5.0, which has none", { kernel: "linux-5.0" }],
  ])("both looks succeed, and swap writes into the snapshot: %s", (_, setup) => {
    const { machine, swapon, snapshot } = swaponAndSnapshot(IN_BETWEEN, setup);
    expect([swapon, snapshot]).toEqual(["ok", "ok"]);
    expect(machine.ledger.byClass().F).toBe(1);
  });

  it("swapon is refused while the snapshot is in progress, and leaves nothing behind", () => {
    const { machine, swapon, snapshot } = swaponAndSnapshot(IN_BETWEEN);
    expect(swapon).toBe("EINVAL: cannot activate swapfile because snapshot creation is in progress");
    expect(snapshot).toBe("ok");
    expect(machine.problems()).toEqual([]);
    expect(machine.answer(machine.fs.volume.balance({ type: "data" }, "step"))).toBe("ok");
    expect(machine.answer(machine.fs.subvolumes.delete("/sv", "step"))).toBe("ok");
  });

  it("a snapshot waits for a swapon that has begun, and is refused then", () => {
    const { machine, swapon, snapshot } = swaponAndSnapshot(`
      swapon    until btrfs_inc_block_group_swap_extents
      snapshot  goes on
      swapon    goes on`);
    expect([swapon, snapshot]).toEqual(["ok", "ETXTBSY"]);
    expect(machine.problems()).toEqual([]);
  });

  it("a snapshot that is done before, and one of another subvolume, do no harm", () => {
    const { machine, swapon } = swaponAndSnapshot(`
      snapshot  goes on
      swapon    goes on`);
    expect(swapon).toBe("EINVAL: swapfile must not be copy-on-write");
    machine.create("/swap", 16, { nocow: true });
    const { other, again } = machine.race(
      {
        other: machine.fs.subvolumes.snapshot("/sv", "/snap2", true, "step"),
        again: machine.swapon("/swap"),
      },
      `
      other  until btrfs_commit_transaction
      again  goes on`,
    );
    expect([(other as OperationResult).errno, again]).toEqual([undefined, "ok"]);
    machine.swapOut("/swap", 5);
    expect(machine.problems()).toEqual([]);
  });
});

describe("L10: a snapshot while a write has been decided on", () => {
  it.each(["btrfs_inc_nocow_writers", "btrfs_add_ordered_extent", "wait for data writes"])(
    "at %s does not change afterwards",
    (label) => {
      const machine = new BtrfsRaceMachine();
      machine.run(machine.fs.subvolumes.create("/sv", "step"));
      const file = machine.create("/sv/file", 16, { nocow: true });
      machine.race(
        {
          writer: machine.fs.directWrite(file, 5, { generation: 77_000, owner: file.owner, index: 5 }),
          snapshot: machine.fs.subvolumes.snapshot("/sv", "/snap", true, "step"),
        },
        `
        writer    until ${label}
        snapshot  goes on
        writer    goes on`,
      );
      expect(machine.fs.contentOf(file, 5)?.generation).toBe(77_000);
      expect(machine.problems()).toEqual([]);
    },
  );
});
