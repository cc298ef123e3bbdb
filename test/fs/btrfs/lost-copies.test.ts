import { describe, expect, it } from "vitest";
import { GIB } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { copiesOf, spoil } from "../support/bad-blocks.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** A filesystem of this data profile on so many devices; its metadata survives the loss of all but one. */
function machineOf(data: string, devices: number): BtrfsMachine {
  const metadata = devices === 4 ? "raid1c4" : "raid1";
  return new BtrfsMachine({ sizes: Array.from({ length: devices }, () => GIB), mount: { data, metadata } });
}

function lose(machine: BtrfsMachine, ...devices: readonly number[]): void {
  for (const device of devices) machine.run(machine.fs.volume.loseDevice(machine.devices[device]!, "step"));
}

/** 2 MiB and its two copies; a write of all of it goes out in two pieces. */
function mirrored() {
  const machine = machineOf("raid1", 2);
  const file = machine.create("/file", 512, { nocow: true });
  const [vda, vdb] = machine.devices;
  return { machine, file, vda: vda!, vdb: vdb! };
}

/** A file that is made and written now. */
function written(machine: BtrfsMachine, path: string): FileHandle {
  machine.run(machine.fs.fileOperations.create(path, false, "step"));
  const file = machine.fs.lookup(path)!;
  machine.run(machine.fs.write(file, 0, 100));
  return file;
}

describe("a write", () => {
  it.each([
    ["RAID0 without one device", "raid0", 2, [1]],
    ["RAID10 without a pair", "raid10", 4, [0, 1]],
  ])("to %s fails, and the file keeps what it had", (_name, data, devices, lost) => {
    const machine = machineOf(data, devices);
    const file = machine.create("/file", 256);
    lose(machine, ...lost);
    const before = machine.places(file);
    expect(machine.run(machine.fs.write(file, 0, 256))).toBe("EIO");
    expect(machine.places(file)).toEqual(before);
  });

  it("to RAID10 with one device of each pair goes well", () => {
    const machine = machineOf("raid10", 4);
    const file = machine.create("/file", 256);
    lose(machine, 0, 3);
    expect(machine.run(machine.fs.write(file, 0, 256))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("goes well if each piece reaches one copy", () => {
    const { machine, file, vda, vdb } = mirrored();
    spoil(machine, vda, "write", copiesOf(machine, file, 0)[0]!);
    spoil(machine, vdb, "write", copiesOf(machine, file, 300)[1]!);
    expect(machine.run(machine.fs.write(file, 0, 512))).toBeUndefined();
  });

  it("fails if one piece reaches none, whatever became of the others", () => {
    const { machine, file, vda, vdb } = mirrored();
    spoil(machine, vda, "write", copiesOf(machine, file, 0)[0]!);
    spoil(machine, vdb, "write", copiesOf(machine, file, 0)[1]!);
    expect(machine.run(machine.fs.write(file, 0, 512))).toBe("EIO");
  });
});

describe("a read", () => {
  it("of RAID10 with one device of each pair takes every piece from the copy that is there", () => {
    const machine = machineOf("raid10", 4);
    const file = machine.create("/file", 256);
    lose(machine, 0, 3);
    expect(machine.run(machine.fs.read(file, 0, 256))).toBeUndefined();
  });

  it("finds each block in some copy if both have defects, at different places", () => {
    const { machine, file, vda, vdb } = mirrored();
    spoil(machine, vda, "read", copiesOf(machine, file, 10)[0]!);
    spoil(machine, vdb, "read", copiesOf(machine, file, 20)[1]!);
    expect(machine.run(machine.fs.read(file, 0, 256))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("fails if one block can be read nowhere", () => {
    const { machine, file, vda, vdb } = mirrored();
    spoil(machine, vda, "read", copiesOf(machine, file, 10)[0]!);
    spoil(machine, vdb, "read", copiesOf(machine, file, 10)[1]!);
    expect(machine.run(machine.fs.read(file, 0, 256))).toBe("EIO");
  });
});

describe("a deduplication", () => {
  it("compares what the copies hold that are there", () => {
    const machine = machineOf("raid1", 2);
    lose(machine, 0);
    const [first, second] = ["/first", "/second"].map((path) => written(machine, path)) as [
      FileHandle,
      FileHandle,
    ];
    const { achieved } = machine.run(machine.fs.fileOperations.dedupe(first, second, "step"));
    expect(achieved).toBe("0 of 100 blocks are shared");
    expect(machine.problems()).toEqual([]);
  });

  it("of a file that cannot be read fails, and shares nothing", () => {
    const machine = machineOf("raid0", 2);
    const [first, second] = [machine.create("/first", 100), machine.create("/second", 100)];
    const before = machine.places(second);
    lose(machine, 1);
    expect(machine.answer(machine.fs.fileOperations.dedupe(first, second, "step"))).toBe("EIO");
    expect(machine.places(second)).toEqual(before);
  });
});

describe("a bad copy on a filesystem that is read-only", () => {
  /** A file whose first block is wrong in its first copy. */
  const damaged = () => {
    const machine = machineOf("raid1", 2);
    const file = machine.create("/file", 10);
    const { device, block } = machine.fs.bmap(file, 0)!;
    device.contents.write(block, 4_000_000, 0, 0);
    expect(machine.answer(machine.fs.mountOperations.remount(true, "step"))).toBe("ok");
    return { machine, file, held: () => device.contents.generationAt(block) };
  };

  it("is passed over by readers, and stays as it is", () => {
    const { machine, file, held } = damaged();
    // Readers take either copy by their process id: two reads meet both.
    for (let reader = 0; reader < 4; reader++) {
      expect(machine.run(machine.fs.read(file, 0, 10))).toBeUndefined();
    }
    expect(held()).toBe(4_000_000);
  });

  it("is nothing that a scrub looks for", () => {
    const { machine, held } = damaged();
    expect(machine.answer(machine.fs.volume.scrub("step"))).toBe("EROFS");
    expect(held()).toBe(4_000_000);
  });
});
