import { describe, expect, it } from "vitest";
import type { OperationResult } from "../../../../sim/fs/index.ts";
import { BtrfsRaceMachine } from "../../support/btrfs-race-machine.ts";

type Setup = NonNullable<ConstructorParameters<typeof BtrfsRaceMachine>[0]>;

function subvolumeWithFile(setup: Setup): BtrfsRaceMachine {
  const machine = new BtrfsRaceMachine(setup);
  machine.run(machine.fs.subvolumes.create("/sv", "step"));
  machine.create("/sv/swap", 16, { nocow: true });
  return machine;
}

const answerOf = (result: unknown): string => (result as OperationResult).errno ?? "ok";

/** swapon of a file in a subvolume that somebody deletes. */
function swaponAndDelete(script: string, setup: Setup = {}) {
  const machine = subvolumeWithFile(setup);
  const { swapon, remove } = machine.race(
    { swapon: machine.swapon("/sv/swap"), remove: machine.fs.subvolumes.delete("/sv", "step") },
    script,
  );
  machine.swapOut("/sv/swap", 5);
  machine.run(machine.fs.sync());
  return { machine, swapon, removed: answerOf(remove), broken: machine.problems() };
}

const DELETION_FIRST = `
  remove  until btrfs_subvolume_reserve_metadata
  swapon  goes on
  remove  goes on`;
const SWAPON_FIRST = `
  swapon  until btrfs_inc_block_group_swap_extents
  remove  goes on
  swapon  goes on`;
const UNREACHABLE = "no path leads to the active swap file /sv/swap";

describe("KB-10: a subvolume is deleted while a file in it becomes swap", () => {
  it.each([
    ["the deletion begins first", DELETION_FIRST, { faults: ["noSubvolumeDeleteCheck"] }],
    ["swapon begins first", SWAPON_FIRST, { faults: ["noSubvolumeDeleteCheck"] }],
    ["swapon has ended", "swapon goes on", { faults: ["noSubvolumeDeleteCheck"] }],
    ["swapon has ended, in 5.0", "swapon goes on", { kernel: "linux-5.0" }],
  ])("leaves a swap file that no path leads to, if nobody looks: %s", (_, script, setup) => {
    const { swapon, removed, broken } = swaponAndDelete(script, setup);
    expect([swapon, removed]).toEqual(["ok", "ok"]);
    expect(broken).toEqual([UNREACHABLE]);
  });

  it("the file stays whole, however long ago its subvolume was deleted, until swapoff", () => {
    const { machine } = swaponAndDelete("swapon goes on", { faults: ["noSubvolumeDeleteCheck"] });
    machine.wait(100_000_000_000);
    machine.fillUp();
    machine.swapOut("/sv/swap", ...Array(15).keys());
    expect(machine.ledger.listed).toEqual([]);
    expect(machine.fs.check()).toEqual([]);
  });

  it.each([
    ["a deletion that has begun", DELETION_FIRST, /^EPERM: .*subvolume 256 is being deleted$/, "ok"],
    ["a swapon that has begun", SWAPON_FIRST, /^ok$/, "EPERM"],
    ["a swapon that has ended", "swapon goes on", /^ok$/, "EPERM"],
  ])("%s wins, and the other one is refused", (_, script, swapon, removed) => {
    const found = swaponAndDelete(script);
    expect(found.swapon).toMatch(swapon);
    expect(found.removed).toBe(removed);
    expect(found.broken).toEqual([]);
  });

  it("after swapoff the subvolume can be deleted", () => {
    const { machine } = swaponAndDelete("swapon goes on");
    machine.swapoff("/sv/swap");
    expect(machine.answer(machine.fs.subvolumes.delete("/sv", "step"))).toBe("ok");
    expect(machine.problems()).toEqual([]);
  });
});

describe("KB-05, the sibling: a snapshot of a subvolume that is about to be deleted", () => {
  /** The snapshot has the lock of the subvolumes when the deletion comes. */
  const SCRIPT = `
    snapshot  until btrfs_commit_transaction (snapshot)
    remove    goes on
    snapshot  goes on
    remove    goes on`;

  function snapshotAndDelete(setup: Setup = {}) {
    const machine = subvolumeWithFile(setup);
    const { snapshot, remove } = machine.race(
      {
        snapshot: machine.fs.subvolumes.snapshot("/sv", "/snap", false, "step"),
        remove: machine.fs.subvolumes.delete("/sv", "step"),
      },
      SCRIPT,
    );
    expect([answerOf(snapshot), answerOf(remove)]).toEqual(["ok", "ok"]);
    machine.run(machine.fs.subvolumes.waitForCleaner());
    return { machine, broken: machine.problems(), swapon: machine.run(machine.swapon("/snap/swap")) };
  }

  it.each([["the mark is set outside the lock", { faults: ["earlyDeadFlag"] }]])(
    "copies the mark, and never takes a swap file: %s",
    (_, setup) => {
      const { broken, swapon } = snapshotAndDelete(setup);
      expect(broken).toEqual(["subvolume /snap is marked as being deleted, and nobody deletes it"]);
      expect(swapon).toMatch(/^EPERM: .*is being deleted$/);
    },
  );

  it("is an ordinary subvolume if the deletion waits with its mark", () => {
    const { machine, broken, swapon } = snapshotAndDelete();
    expect(broken).toEqual([]);
    expect(swapon).toBe("ok");
    machine.swapOut("/snap/swap", 5);
    expect(machine.problems()).toEqual([]);
  });

  it("a deletion that fails takes its mark back", () => {
    const machine = subvolumeWithFile({});
    expect(machine.run(machine.swapon("/sv/swap"))).toBe("ok");
    expect(machine.answer(machine.fs.subvolumes.delete("/sv", "step"))).toBe("EPERM");
    machine.swapoff("/sv/swap");
    expect(machine.run(machine.swapon("/sv/swap"))).toBe("ok");
  });
});
