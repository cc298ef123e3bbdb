import { describe, expect, it } from "vitest";
import { type Actor, PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const _compressing = (mount: Record<string, string | number | boolean> = {}): BtrfsMachine =>
  new BtrfsMachine({ mount: { compress: "zstd", ...mount } });
const used = (machine: BtrfsMachine): number => machine.fs.space().dataUsed / PAGE_SIZE;

/** An empty file, written so that what the mount says about compression holds for it. */
function _written(machine: BtrfsMachine, path: string, blocks: number, nocow = false): FileHandle {
  const file = machine.create(path, 0, { nocow });
  expect(machine.run(machine.fs.write(file, 0, blocks))).toBeUndefined();
  return machine.fs.lookup(path)!;
}

describe("inline data", () => {
  const tiny = (bytes: number, mount = {}) => {
    const machine = new BtrfsMachine({ mount });
    return { machine, file: machine.create("/tiny", bytes / PAGE_SIZE) };
  };

  it.each([
    [2048, {}, 0],
    [2049, {}, 1],
    [100, { maxInline: 0 }, 1],
    [4000, { maxInline: 4000 }, 0],
  ])("of %i bytes lies in the tree if max_inline allows it", (bytes, mount, blocks) => {
    const { machine, file } = tiny(bytes, mount);
    expect(used(machine)).toBe(blocks);
    expect(machine.fs.extentsOf(file)).toBe(1);
    expect(machine.fs.bmap(file, 0) === undefined).toBe(blocks === 0);
    expect(machine.problems()).toEqual([]);
  });

  it("is also what a small write(2) leaves, whether the file is copy-on-write or not", () => {
    for (const [nocow, bytes, blocks] of [
      [false, 5, 0],
      [true, 2048, 0],
      [true, 2049, 1],
    ] as const) {
      const machine = new BtrfsMachine();
      const file = machine.create("/tiny", 0, { nocow });
      expect(machine.run(machine.fs.fileOperations.writeSmall!(file, bytes))).toBeUndefined();
      expect(used(machine)).toBe(blocks);
      expect(machine.run(machine.fs.read(machine.fs.lookup("/tiny")!, 0, 1))).toBeUndefined();
      expect(machine.problems()).toEqual([]);
    }
  });

  it("gets an extent when the file grows", () => {
    const grow: Record<string, (machine: BtrfsMachine, file: FileHandle) => Actor<unknown>> = {
      write: (machine, file) => machine.fs.write(file, 5, 1),
      truncate: (machine, file) => machine.fs.fileOperations.truncate(file, 10 * PAGE_SIZE, "s"),
      fallocate: (machine, file) =>
        machine.fs.fileOperations.fallocate(file, "allocate", { from: 0, to: 8 * PAGE_SIZE }, "s"),
    };
    for (const act of Object.values(grow)) {
      const { machine, file } = tiny(500);
      machine.run(act(machine, file));
      expect(machine.fs.bmap(file, 0)).toBeDefined();
      expect(machine.run(machine.fs.read(file, 0, 1))).toBeUndefined();
      expect(machine.problems()).toEqual([]);
    }
  });

  it("is cloned, kept by snapshots and removed with its file", () => {
    const { machine, file } = tiny(500);
    machine.run(machine.fs.reflink(file, "/clone", "s"));
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", false, "s"));
    machine.run(machine.fs.write(file, 0, 1));
    expect(machine.fs.bmap(machine.fs.lookup("/snap/tiny")!, 0)).toBeUndefined();
    machine.run(machine.fs.unlink("/clone", "s"));
    expect(used(machine)).toBe(1);
    expect(machine.problems()).toEqual([]);
  });
});

describe("a clone of inline data", () => {
  const BLOCK = { from: 0, to: PAGE_SIZE };
  const cloned = (blocks: number) => {
    const machine = new BtrfsMachine();
    const source = machine.create("/small", 500 / PAGE_SIZE);
    const target = machine.create("/target", blocks);
    const answer = machine.answer(machine.fs.fileOperations.cloneRange(source, target, BLOCK, "step"));
    return { machine, source, target, answer };
  };

  it.each([
    ["goes into the tree where nothing was", 0, "inline"],
    ["goes into the tree in the place of less", 400 / PAGE_SIZE, "inline"],
    ["becomes a block where more lay in the tree", 600 / PAGE_SIZE, undefined],
    ["becomes a block of a larger file", 10, undefined],
  ])("%s", (_name, blocks, kept) => {
    const { machine, target, answer } = cloned(blocks);
    expect([answer, machine.fs.notDirect(target, 0)]).toEqual(["ok", kept]);
    expect(machine.fs.bmap(target, 0) === undefined).toBe(kept === "inline");
    expect(target.size).toBe(Math.max(1, Math.ceil(blocks)));
    expect(machine.problems()).toEqual([]);
  });

  it("and a clone behind it: its data gets a block first", () => {
    const { machine, source } = cloned(10);
    const target = machine.fs.lookup("/target")!;
    const range = { from: PAGE_SIZE, to: 10 * PAGE_SIZE };
    expect(machine.fs.notDirect(source, 0)).toBe("inline");
    expect(machine.answer(machine.fs.fileOperations.cloneRange(target, source, range, "step"))).toBe("ok");
    expect([source.size, machine.fs.notDirect(source, 0)]).toEqual([10, undefined]);
    expect(machine.fs.bmap(source, 0)).toBeDefined();
    expect(machine.problems()).toEqual([]);
  });
});
