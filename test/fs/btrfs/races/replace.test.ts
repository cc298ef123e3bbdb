import { describe, expect, it } from "vitest";
import { GIB } from "../../../../sim/engine/index.ts";
import type { OperationResult } from "../../../../sim/fs/index.ts";
import { BtrfsRaceMachine } from "../../support/btrfs-race-machine.ts";

/** Pages that swap routed through the filesystem writes while its device is replaced. */
function replaceAndWriters(script: string, faults: readonly string[] = []) {
  const machine = new BtrfsRaceMachine({ sizes: [GIB, GIB], spare: 1, faults });
  const file = machine.create("/swap", 16, { nocow: true });
  machine.run(machine.fs.sync());
  const [source, target] = machine.devices;
  const write = (block: number) =>
    machine.fs.directWrite(file, block, { generation: 5_000_000 + block, owner: file.owner, index: block });
  const { replace, writer, other } = machine.race(
    { replace: machine.fs.volume.replaceDevice(source!, target!, "step"), writer: write(3), other: write(9) },
    script,
  );
  expect([writer, other, (replace as OperationResult).errno]).toEqual([undefined, undefined, undefined]);
  expect(machine.fs.usesDevice(source!)).toBe(false);
  const holds = (block: number): boolean =>
    machine.fs.contentOf(file, block)?.generation === 5_000_000 + block;
  const places = machine.places(file);
  return {
    kept: [holds(3), holds(9)],
    inOnePiece: places.every((place, block) => place === places[0]! + block),
    problems: machine.problems(),
  };
}

describe("KB-09: pages are written while their device is replaced", () => {
  const BETWEEN_READ_AND_WRITE = `
    replace  until scrub_wr_submit (data)
    writer   goes on
    replace  goes on
    other    goes on`;

  it("the copy lands on top of the new bytes, if the group is not read-only meanwhile", () => {
    const { kept, problems } = replaceAndWriters(BETWEEN_READ_AND_WRITE, ["noReplaceWindow"]);
    expect(kept).toEqual([false, true]);
    expect(problems).toEqual([expect.stringMatching(/^block 3 of \/swap: .*, not generation 5000003$/)]);
  });

  it("they go to new space while their group is copied, and to both devices", () => {
    const { kept, problems, inOnePiece } = replaceAndWriters(BETWEEN_READ_AND_WRITE);
    expect(kept).toEqual([true, true]);
    expect(inOnePiece).toBe(false);
    expect(problems).toEqual([]);
  });

  it.each(["btrfs_add_ordered_extent", "wait for data writes"])(
    "a writer at %s is waited for, and stays in place",
    (label) => {
      const { kept, problems, inOnePiece } = replaceAndWriters(`
        writer   until ${label}
        replace  goes on
        writer   goes on
        replace  goes on
        other    goes on`);
      expect(kept).toEqual([true, true]);
      expect(inOnePiece).toBe(true);
      expect(problems).toEqual([]);
    },
  );

  it("a writer who has decided and is not counted is overwritten as well", () => {
    const script = `
      writer   until btrfs_inc_nocow_writers
      replace  until scrub_wr_submit (data)
      writer   goes on
      replace  goes on
      other    goes on`;
    expect(replaceAndWriters(script, ["noNocowWriters"]).kept).toEqual([false, true]);
    expect(replaceAndWriters(script).kept).toEqual([true, true]);
  });
});
