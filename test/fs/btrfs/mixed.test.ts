import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GIB, MIB, PAGE_SIZE, SECOND } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const mixed = (more: object = {}): BtrfsMachine =>
  new BtrfsMachine({ size: 256 * MIB, mount: { mixed: true, ...more } });
const blocks = (bytes: number): number => bytes / PAGE_SIZE;

describe("mixed block groups", () => {
  it("begin as mkfs makes them, and hold data and trees", () => {
    const machine = mixed();
    expect(machine.chunks()).toEqual([
      "system 1048576+4194304 at 1:1048576",
      "data|metadata 5242880+8388608 at 1:5242880",
    ]);
    machine.create("/a", blocks(20 * MIB));
    machine.run(machine.fs.sync());
    const { dataUsed, metadataUsed, metadataAllocated } = machine.fs.space();
    expect(dataUsed).toBe(20 * MIB);
    expect(metadataUsed).toBeGreaterThan(0);
    expect(metadataAllocated).toBe(0);
    expect(machine.problems()).toEqual([]);
  });

  it("are balanced as a whole: data or metadata alone is refused", () => {
    const machine = mixed();
    const file = machine.create("/a", blocks(40 * MIB), { extents: 20 });
    machine.run(machine.fs.sync());
    const before = machine.places(file);
    for (const type of ["data", "metadata"] as const) {
      const result = machine.run(machine.fs.volume.balance({ type }, "s"));
      expect(result).toMatchObject({
        errno: "EINVAL",
        achieved: "balance: mixed groups data and metadata options must be the same",
      });
    }
    const old = machine.fs.chunks().map(({ start }) => start);
    expect(machine.answer(machine.fs.volume.balance({ type: "all" }, "s"))).toBe("ok");
    expect(machine.places(file)).not.toEqual(before);
    expect(machine.fs.chunks().filter(({ start }) => old.includes(start))).toEqual([]);
    expect(machine.problems()).toEqual([]);
  });

  it("may hold an active swap file, and then stay with the trees in them", () => {
    const machine = mixed();
    const swap = machine.create("/swap", blocks(16 * MIB), { nocow: true, preallocated: true });
    machine.create("/a", blocks(16 * MIB));
    machine.run(machine.fs.sync());
    expect(machine.run(machine.fs.swapActivate(swap, swap.size)).errno).toBeUndefined();
    const places = machine.places(swap);
    const result = machine.run(machine.fs.volume.balance({ type: "all" }, "s"));
    expect(result.skipped.length).toBeGreaterThan(0);
    expect(machine.places(swap)).toEqual(places);
    expect(machine.problems()).toEqual([]);
  });

  it("are not removed when they are empty, and become DUP by a balance", () => {
    const machine = mixed();
    machine.create("/a", blocks(30 * MIB));
    machine.run(machine.fs.unlink("/a", "s"));
    const before = machine.chunks();
    machine.wait(62 * SECOND);
    expect(machine.chunks()).toEqual(before);
    expect(machine.answer(machine.fs.volume.balance({ type: "all", convert: "dup" }, "s"))).toBe("ok");
    expect(machine.fs.chunks().every(({ flags }) => flags.endsWith("|dup"))).toBe(true);
    expect(machine.problems()).toEqual([]);
  });

  it("keep room for the trees when data fills them: ENOSPC, never an abort", () => {
    const machine = mixed();
    const file = machine.create("/a", 0);
    let errno: string | undefined;
    for (let block = 0; errno === undefined; block += 512)
      errno = machine.run(machine.fs.write(file, block, 512));
    expect(errno).toBe("ENOSPC");
    // The global reserve at its least: 22 insertions.
    const { unallocated, dataAllocated, dataUsed, metadataUsed } = machine.fs.space();
    expect(unallocated).toBe(0);
    expect(dataAllocated - dataUsed - metadataUsed).toBeGreaterThan(5_767_168);
    for (let block = 0; block < 4096; block += 7) machine.run(machine.fs.write(file, block, 1));
    machine.run(machine.fs.sync());
    expect(machine.answer(machine.fs.unlink("/a", "s"))).toBe("ok");
    machine.run(machine.fs.sync());
    expect(machine.lines.join()).not.toContain("aborted");
    expect(machine.problems()).toEqual([]);
  });

  it("keep every block whatever is done, also over two devices with copies", () => {
    const kinds = ["write", "write", "balance", "snapshot", "defrag", "truncate", "sync", "convert"] as const;
    const operation = fc.record({
      kind: fc.constantFrom(...kinds),
      first: fc.integer({ min: 0, max: 900 }),
      count: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 15 }), fc.boolean(), (operations, mirrored) => {
        const machine = new BtrfsMachine({
          sizes: [GIB, GIB],
          mount: { mixed: true, data: mirrored ? "raid1" : "single" },
        });
        const { fs } = machine;
        const file = machine.create("/a", 1000, { extents: 5 });
        for (const [number, { kind, first, count }] of operations.entries()) {
          if (kind === "write") machine.run(fs.write(file, first, count));
          else if (kind === "balance") machine.run(fs.volume.balance({ type: "all" }, "s"));
          else if (kind === "snapshot") machine.run(fs.subvolumes.snapshot("/", `/s${number}`, false, "s"));
          else if (kind === "defrag") machine.run(fs.defragment(file, 2 ** 25, "s"));
          else if (kind === "truncate") machine.run(fs.fileOperations.truncate(file, first * PAGE_SIZE, "s"));
          else if (kind === "sync") machine.run(fs.sync());
          else
            machine.run(
              fs.volume.balance({ type: "all", convert: count % 2 ? "single" : "raid1", force: true }, "s"),
            );
        }
        expect(machine.problems()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
