import { describe, expect, it } from "vitest";
import { MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const THRESHOLD = 32 * MIB;
/** A leaf, whose old place is free only after the commit, too. */
const LEAF = 16 * 1024;

describe("defrag", () => {
  it("joins short extents and frees the old ones after the commit only", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/db", 4000, { extents: 40 });
    const result = machine.run(machine.fs.defragment(file, THRESHOLD, "step"));
    expect(result.errno).toBeUndefined();
    expect(machine.fs.extentsOf(file)).toBeLessThan(4);
    expect(machine.fs.space().pinned).toBe(4000 * PAGE_SIZE + LEAF);
    machine.run(machine.fs.sync());
    expect(machine.fs.space().pinned).toBe(0);
    expect(machine.problems()).toEqual([]);
  });

  it("leaves extents alone that are long enough, preallocated, or alone", () => {
    const machine = new BtrfsMachine();
    const cases = [
      machine.create("/one", 100),
      machine.create("/prealloc", 100, { nocow: true, preallocated: true, extents: 5 }),
      machine.create("/long", 2048, { extents: 2 }),
    ];
    for (const file of cases) machine.run(machine.fs.defragment(file, 4 * MIB, "step"));
    expect(cases.map((file) => machine.fs.extentsOf(file))).toEqual([1, 5, 2]);
  });

  it("joins extents that are longer than what is rewritten in one go, but below the threshold", () => {
    const machine = new BtrfsMachine({ size: 2048 * MIB });
    const file = machine.create("/db", (160 * MIB) / PAGE_SIZE, { extents: 8 });
    machine.run(machine.fs.defragment(file, 32 * MIB, "step"));
    expect(machine.fs.extentsOf(file)).toBe(4);
    expect(machine.problems()).toEqual([]);
  });

  it("goes on behind a long extent that has no short one beside it", () => {
    const machine = new BtrfsMachine({ size: 2048 * MIB });
    const long = (12 * MIB) / PAGE_SIZE;
    const file = machine.create("/db", long);
    for (const at of [long + 10, long + 11, long + 12]) machine.run(machine.fs.write(file, at, 1));
    expect(machine.fs.extentsOf(file)).toBe(4);
    machine.run(machine.fs.defragment(file, 32 * MIB, "step"));
    expect(machine.fs.extentsOf(file)).toBe(2);
  });

  it("is refused for an active swap file", () => {
    const machine = new BtrfsMachine();
    const swap = machine.create("/swap", 100, { nocow: true, extents: 5 });
    machine.run(machine.fs.swapActivate(swap, 100));
    expect(machine.run(machine.fs.defragment(swap, THRESHOLD, "step")).errno).toBe("ETXTBSY");
  });
});
