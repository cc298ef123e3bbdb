import { describe, expect, it } from "vitest";
import { PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FallocateMode } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

function machineWithFile() {
  const machine = new BtrfsMachine();
  const file = machine.create("/file", 10);
  const { fs } = machine;
  const isHole = (block: number): boolean => fs.bmap(file, block) === undefined;
  const change = (mode: FallocateMode, from: number, to: number): string =>
    machine.answer(fs.fileOperations.fallocate(file, mode, { from, to }, "step"));
  return { machine, file, fs, isHole, change, content: (block: number) => fs.contentOf(file, block) };
}

describe("a range that ends within blocks", () => {
  it.each<FallocateMode>(["punch-hole", "zero-range"])("%s of a part of a block writes it anew", (mode) => {
    const { machine, file, fs, content, change } = machineWithFile();
    const before = [0, 1].map(content);
    expect(change(mode, PAGE_SIZE + 900, PAGE_SIZE + 1000)).toBe("ok");
    expect(content(0)).toEqual(before[0]);
    expect(fs.bmap(file, 1)).toBeDefined();
    expect(content(1)!.generation).toBeGreaterThan(before[1]!.generation);
    expect(fs.fiemap(file).some(({ unwritten }) => unwritten)).toBe(false);
    expect(machine.problems()).toEqual([]);
  });

  it("punch-hole makes a hole of whole blocks only", () => {
    const { machine, isHole, change } = machineWithFile();
    expect(change("punch-hole", 2 * PAGE_SIZE - 1, 5 * PAGE_SIZE + 1)).toBe("ok");
    expect([0, 1, 2, 3, 4, 5, 6].map(isHole)).toEqual([false, false, true, true, true, false, false]);
    expect(machine.problems()).toEqual([]);
  });

  it("punch-hole of a part of a hole leaves the hole", () => {
    const { isHole, change } = machineWithFile();
    change("punch-hole", 0, 4 * PAGE_SIZE);
    expect(change("punch-hole", 100, 2 * PAGE_SIZE + 100)).toBe("ok");
    expect([0, 1, 2, 3].map(isHole)).toEqual([true, true, true, true]);
  });

  it("zero-range preallocates the blocks at its ends where there was a hole", () => {
    const { machine, isHole, change } = machineWithFile();
    change("punch-hole", 0, 6 * PAGE_SIZE);
    expect(change("zero-range", PAGE_SIZE + 100, 4 * PAGE_SIZE + 100)).toBe("ok");
    expect([0, 1, 2, 3, 4, 5].map(isHole)).toEqual([true, false, false, false, false, true]);
    expect(machine.problems()).toEqual([]);
  });

  it("is not cloned, nor one that goes past the end: EINVAL", () => {
    const { machine, file, fs } = machineWithFile();
    const target = machine.create("/target", 10);
    const clone = (from: number, to: number): string =>
      machine.answer(fs.fileOperations.cloneRange(file, target, { from, to }, "step"));
    expect(clone(100, 300)).toBe("EINVAL");
    expect(clone(0, 300)).toBe("EINVAL");
    expect(clone(8 * PAGE_SIZE, 11 * PAGE_SIZE)).toBe("EINVAL");
    expect(clone(8 * PAGE_SIZE, 10 * PAGE_SIZE)).toBe("ok");
  });
});
