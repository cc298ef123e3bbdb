import { describe, expect, it } from "vitest";
import { MIB } from "../../../../sim/engine/index.ts";
import { Interleaving, SteppingEngine } from "../../../support/interleaving.ts";
import { BtrfsMachine } from "../../support/btrfs-machine.ts";

/**
 * A file of 16 blocks that are written in place, and a direct write of one of them while balance moves its block group.
 * Returns what the oracle says, whether the block moved, and whether it was written in place after all.
 */
function balanceAndWriter(script: string, faults: readonly string[] = []) {
  const machine = new BtrfsMachine({
    engine: new SteppingEngine({ seed: "KB-08" }),
    size: 1024 * MIB,
    faults,
  });
  const file = machine.create("/file", 16, { nocow: true });
  const { fs } = machine;
  const content = { generation: 5_000_000, owner: file.owner, index: 3 };
  const before = machine.places(file);
  const race = new Interleaving(machine.engine, {
    writer: fs.directWrite(file, 3, content),
    balance: fs.volume.balance({ type: "data" }, "step"),
  });
  race.play(script);
  const after = machine.places(file);
  return {
    written: race.result("writer"),
    moved: after.filter((place, block) => place !== before[block]).length,
    inOnePiece: after.every((place, block) => place === after[0]! + block),
    holds: fs.contentOf(file, 3)?.generation,
    lost: machine.problems(),
  };
}

describe("KB-08: balance while a writer has decided to write in place", () => {
  const DECIDED = `
    writer   until btrfs_inc_nocow_writers
    balance  until update data pointers
    writer   goes on`;

  it("copies the old bytes and loses the write, if it does not wait for the writer", () => {
    const { written, holds, lost, moved } = balanceAndWriter(DECIDED, ["noNocowWriters"]);
    expect([written, moved]).toEqual([undefined, 16]);
    expect(holds).not.toBe(5_000_000);
    expect(lost).toEqual([expect.stringMatching(/^block 3 of \/file: .*, not generation 5000000$/)]);
  });

  it("fails a write that comes when the chunk is gone: nothing is lost then", () => {
    const { written, lost } = balanceAndWriter(
      `
      writer   until btrfs_inc_nocow_writers
      balance  goes on
      writer   goes on`,
      ["noNocowWriters"],
    );
    expect(written).toBe("EIO");
    expect(lost).toEqual([]);
  });

  it("a writer that comes too late to be counted writes to new space", () => {
    const { holds, lost, inOnePiece } = balanceAndWriter(DECIDED);
    expect(lost).toEqual([]);
    expect(holds).toBe(5_000_000);
    expect(inOnePiece).toBe(false);
  });

  it.each([
    ["waited for before anything is copied", "writer until btrfs_add_ordered_extent"],
    ["waited for although its bio is under way", "writer until wait for data writes"],
  ])("a writer that was counted is %s, and stays in place", (_, line) => {
    const { holds, lost, inOnePiece, moved } = balanceAndWriter(`
      ${line}
      balance  goes on
      writer   goes on`);
    expect(lost).toEqual([]);
    expect(holds).toBe(5_000_000);
    expect([moved, inOnePiece]).toEqual([16, true]);
  });

  it("a writer who meets a group that balance works on writes to new space", () => {
    const { holds, lost, inOnePiece } = balanceAndWriter(`
      balance  until btrfs_wait_nocow_writers
      writer   goes on
      balance  goes on`);
    expect(lost).toEqual([]);
    expect(holds).toBe(5_000_000);
    expect(inOnePiece).toBe(false);
  });
});
