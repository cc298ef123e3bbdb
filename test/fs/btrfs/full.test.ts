import { describe, expect, it } from "vitest";
import { MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FallocateMode, FileHandle } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** Makes files until no block of data is free. */
function fill(machine: BtrfsMachine): void {
  for (const blocks of [MIB / PAGE_SIZE, 16, 1]) {
    const spec = { size: blocks * PAGE_SIZE, nocow: false, preallocated: false, extents: 1 };
    for (let n = 0; ; n++) {
      if (typeof machine.fs.createFile({ path: `/fill-${blocks}-${n}`, ...spec }) === "string") break;
    }
  }
  machine.run(machine.fs.sync());
}

const bytes = (first: number, count: number) => ({
  from: first * PAGE_SIZE,
  to: (first + count) * PAGE_SIZE,
});

const contents = (machine: BtrfsMachine, file: FileHandle): readonly (number | undefined)[] =>
  Array.from({ length: file.size }, (_, block) => machine.fs.contentOf(file, block)?.generation);

describe("on a full filesystem", () => {
  const fullMachine = () => {
    const machine = new BtrfsMachine({ size: 256 * MIB, mount: { metadata: "single", maxInline: 0 } });
    const file = machine.create("/file", 100);
    const ops = machine.fs.fileOperations;
    const change = (mode: FallocateMode, first: number, count: number): string =>
      machine.answer(ops.fallocate(file, mode, bytes(first, count), "step"));
    return { machine, file, ops, change };
  };

  it("a compressed write that finds no more room is a short one: nothing lies behind the end", () => {
    const { machine, file, ops } = fullMachine();
    machine.run(ops.setCompression(file, "zstd", "step"));
    fill(machine);
    machine.run(machine.fs.unlink("/fill-256-0", "step"));
    machine.run(machine.fs.sync());
    expect(machine.run(machine.fs.write(file, 100, 4000))).toBe("ENOSPC");
    const last = machine.fs.fiemap(file).at(-1)!;
    expect(last.offset + last.length).toBe(file.size * PAGE_SIZE);
    expect(file.size).toBeGreaterThan(100);
    expect(machine.run(machine.fs.read(file, 0, file.size))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["a copy that cannot share blocks leaves what it cannot replace", false],
    ["a copy onto blocks that may be written in place needs no room", true],
  ])("%s", (_name, nocow) => {
    const { machine, file, ops } = fullMachine();
    const [plain, target] = [
      machine.create("/plain", 100, { nocow: true }),
      machine.create("/target", 100, { nocow }),
    ];
    fill(machine);
    const source = nocow ? file : plain;
    const before = contents(machine, target);
    expect(machine.answer(ops.copyRange(source, target, bytes(10, 50), "step"))).toBe(
      nocow ? "ok" : "ENOSPC",
    );
    const after = contents(machine, nocow ? source : target);
    expect(contents(machine, target).slice(10, 60)).toEqual(after.slice(10, 60));
    if (!nocow) expect(after).toEqual(before);
    expect(machine.problems()).toEqual([]);
  });

  it("zero-range leaves what it cannot replace", () => {
    const { machine, file, change } = fullMachine();
    fill(machine);
    const before = contents(machine, file);
    expect(change("zero-range", 10, 50)).toBe("ENOSPC");
    expect(contents(machine, file)).toEqual(before);
    expect(machine.problems()).toEqual([]);
  });

  it("zero-range has nothing to do with blocks that are preallocated", () => {
    const { machine, file, change } = fullMachine();
    expect(change("keep-size", 100, 50)).toBe("ok");
    const place = machine.fs.bmap(file, 110);
    fill(machine);
    expect(change("zero-range", 110, 20)).toBe("ok");
    expect([file.size, machine.fs.bmap(file, 110)]).toEqual([130, place]);
    expect(machine.problems()).toEqual([]);
  });

  it("fallocate gives no hole space if there is not enough for all of them", () => {
    const { machine, file, change } = fullMachine();
    change("punch-hole", 10, 5);
    change("punch-hole", 20, 60);
    machine.run(machine.fs.sync());
    fill(machine);
    machine.run(machine.fs.unlink("/fill-1-0", "step"));
    machine.run(machine.fs.unlink("/fill-16-0", "step"));
    machine.run(machine.fs.sync());
    expect(change("allocate", 0, 100)).toBe("ENOSPC");
    expect(machine.places(file).filter((place) => place < 0).length).toBe(65);
    expect(change("allocate", 0, 20)).toBe("ok");
    expect(machine.problems()).toEqual([]);
    expect(machine.fs.checkReservations()).toEqual([]);
  });
});
