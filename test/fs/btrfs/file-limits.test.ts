import { describe, expect, it } from "vitest";
import { MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const TIB = 2 ** 40;
const blocks = (bytes: number): number => bytes / PAGE_SIZE;

describe("a file longer than 4 TiB", () => {
  const machineWithFile = () => {
    const machine = new BtrfsMachine();
    return { machine, file: machine.create("/file", 10), ops: machine.fs.fileOperations };
  };

  it("does not come about by a write, a truncation or fallocate: EFBIG", () => {
    const { machine, file, ops } = machineWithFile();
    const range = { from: 6 * TIB, to: 6 * TIB + MIB };
    expect(machine.run(machine.fs.write(file, blocks(6 * TIB), 1))).toBe("EFBIG");
    expect(machine.answer(ops.truncate(file, 6 * TIB, "step"))).toBe("EFBIG");
    expect(machine.answer(ops.fallocate(file, "allocate", range, "step"))).toBe("EFBIG");
    expect(file.size).toBe(10);
    expect(machine.problems()).toEqual([]);
  });

  it("is not made when the machine starts", () => {
    const { machine } = machineWithFile();
    const spec = { path: "/large", nocow: false, preallocated: true, extents: 1 };
    expect(machine.fs.createFile({ ...spec, size: 6 * TIB })).toBe("EFBIG");
  });

  it("is read as nothing", () => {
    const { machine, file } = machineWithFile();
    expect(machine.run(machine.fs.read(file, blocks(6 * TIB), 1))).toBeUndefined();
  });
});

describe("a block far behind the others", () => {
  it.each([
    ["truncation", "truncate"],
    ["removal", "unlink"],
  ])("goes with a %s", (_name, how) => {
    const machine = new BtrfsMachine();
    const { fallocate, truncate } = machine.fs.fileOperations;
    const file = machine.create("/file", 0);
    const range = { from: 3 * TIB, to: 3 * TIB + MIB };
    expect(machine.answer(fallocate(file, "allocate", range, "step"))).toBe("ok");
    const gone = how === "unlink" ? machine.fs.unlink("/file", "step") : truncate(file, 0, "step");
    expect(machine.answer(gone)).toBe("ok");
    machine.run(machine.fs.sync());
    expect(machine.fs.space().dataUsed).toBe(0);
    expect(machine.problems()).toEqual([]);
  });
});
