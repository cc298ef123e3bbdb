import { describe, expect, it } from "vitest";
import { type Actor, delay, MIB, MILLISECOND, PAGE_SIZE, SECOND } from "../../../sim/engine/index.ts";
import type { FileHandle, OperationResult } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

function machineWithFile(spec: Parameters<BtrfsMachine["create"]>[2] = {}) {
  const machine = new BtrfsMachine();
  const file = machine.create("/file", 100, spec);
  return { machine, file, ops: machine.fs.fileOperations };
}
const bytes = (first: number, count: number) => ({
  from: first * PAGE_SIZE,
  to: (first + count) * PAGE_SIZE,
});

describe("the size of a file", () => {
  it("shrinks and grows, and what lies between reads as zeroes", () => {
    const { machine, file, ops } = machineWithFile({ extents: 5 });
    expect(machine.answer(ops.truncate(file, 30 * PAGE_SIZE, "step"))).toBe("ok");
    expect(machine.answer(ops.truncate(file, 80 * PAGE_SIZE, "step"))).toBe("ok");
    expect(file.size).toBe(80);
    expect(machine.fs.bmap(file, 29)).toBeDefined();
    expect(machine.fs.bmap(file, 30)).toBeUndefined();
    expect(machine.run(machine.fs.read(file, 0, 80))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("set to what it is takes away what was preallocated behind the end", () => {
    const { machine, file, ops } = machineWithFile();
    machine.run(ops.fallocate(file, "keep-size", bytes(90, 60), "step"));
    expect(machine.answer(ops.truncate(file, 100 * PAGE_SIZE, "step"))).toBe("ok");
    expect([file.size, machine.fs.bmap(file, 99) !== undefined]).toEqual([100, true]);
    expect(machine.fs.bmap(file, 100)).toBeUndefined();
    machine.run(machine.fs.sync());
    expect(machine.fs.space().dataUsed).toBe(100 * PAGE_SIZE);
    expect(machine.problems()).toEqual([]);
  });

  it("grows with a write behind the end", () => {
    const { machine, file } = machineWithFile();
    machine.run(machine.fs.write(file, 150, 10));
    expect(file.size).toBe(160);
    expect(machine.problems()).toEqual([]);
  });
});

describe("fallocate", () => {
  it("fills holes with preallocated extents and leaves data alone", () => {
    const { machine, file, ops } = machineWithFile({ nocow: true });
    const place = machine.fs.bmap(file, 10);
    machine.run(ops.fallocate(file, "punch-hole", bytes(40, 20), "step"));
    expect(machine.fs.bmap(file, 45)).toBeUndefined();
    expect(machine.answer(ops.fallocate(file, "allocate", bytes(0, 200), "step"))).toBe("ok");
    expect(file.size).toBe(200);
    expect(machine.fs.bmap(file, 45)).toBeDefined();
    expect(machine.fs.bmap(file, 10)).toEqual(place);
    expect(machine.run(machine.fs.swapActivate(file, 200)).errno).toBeUndefined();
    machine.fs.swapDeactivate(file);
    expect(machine.problems()).toEqual([]);
  });

  it("zeroes a range: its blocks are preallocated ones elsewhere, and no others are", () => {
    const { machine, file, ops } = machineWithFile();
    const [before, beside] = [10, 20].map((block) => machine.fs.bmap(file, block));
    expect(machine.answer(ops.fallocate(file, "zero-range", bytes(10, 10), "step"))).toBe("ok");
    const unwritten = machine.fs.fiemap(file).filter((row) => row.unwritten);
    expect(unwritten.map(({ offset, length }) => [offset, length])).toEqual([
      [10 * PAGE_SIZE, 10 * PAGE_SIZE],
    ]);
    expect(machine.fs.bmap(file, 10)).not.toEqual(before);
    expect(machine.fs.bmap(file, 20)).toEqual(beside);
    expect(machine.problems()).toEqual([]);
  });

  it("keeps the size, and knows no collapse", () => {
    const { machine, file, ops } = machineWithFile();
    machine.run(ops.fallocate(file, "keep-size", bytes(100, 50), "step"));
    expect([file.size, machine.fs.bmap(file, 120) !== undefined]).toEqual([100, true]);
    expect(machine.answer(ops.fallocate(file, "collapse", bytes(0, 1), "step"))).toBe("EOPNOTSUPP");
    expect(machine.problems()).toEqual([]);
  });
});

describe("names", () => {
  it("can be several; the blocks go with the last one", () => {
    const { machine, file, ops } = machineWithFile();
    machine.run(ops.link(file, "/second", "step"));
    expect(machine.fs.lookup("/second")).toBe(file);
    machine.run(machine.fs.unlink("/file", "step"));
    expect(machine.fs.space().dataUsed).toBeGreaterThan(0);
    machine.run(machine.fs.unlink("/second", "step"));
    machine.run(machine.fs.sync());
    expect(machine.fs.space().dataUsed).toBe(0);
    expect(machine.problems()).toEqual([]);
  });

  it("change, and a file that had the new name goes", () => {
    const { machine, file, ops } = machineWithFile();
    machine.create("/other", 50);
    expect(machine.answer(ops.rename("/file", "/other", "step"))).toBe("ok");
    expect([machine.fs.lookup("/file"), machine.fs.lookup("/other"), file.path]).toEqual([
      undefined,
      file,
      "/other",
    ]);
    expect(machine.run(machine.fs.write(file, 0, 5))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["rename of nothing", "rename", "ENOENT"],
    ["link onto a name that is taken", "link", "EEXIST"],
    ["rename into another subvolume", "cross", "EXDEV"],
  ])("%s is %s", (_name, what, errno) => {
    const { machine, file, ops } = machineWithFile();
    machine.run(machine.fs.subvolumes.create("/sv", "step"));
    const operation: Record<string, Actor<OperationResult>> = {
      rename: ops.rename("/none", "/other", "step"),
      link: ops.link(file, "/file", "step"),
      cross: ops.rename("/file", "/sv/file", "step"),
    };
    expect(machine.answer(operation[what]!)).toBe(errno);
  });
});

describe("the order of the tests of a name", () => {
  const machineWithSubvolume = () => {
    const made = machineWithFile();
    made.machine.run(made.machine.fs.subvolumes.create("/sv", "step"));
    return made;
  };

  it("an immutable file goes nowhere: EPERM comes before EXDEV", () => {
    const { machine, file, ops } = machineWithSubvolume();
    machine.run(ops.chattr(file, "+i", "step"));
    expect(machine.answer(ops.rename("/file", "/sv/file", "step"))).toBe("EPERM");
    expect(machine.answer(ops.link(file, "/sv/file", "step"))).toBe("EPERM");
  });

  it("a read-only subvolume takes no name: EROFS comes before EXDEV", () => {
    const { machine, file, ops } = machineWithSubvolume();
    machine.run(machine.fs.subvolumes.setReadOnly("/sv", true, "step"));
    expect(machine.answer(ops.rename("/file", "/sv/file", "step"))).toBe("EROFS");
    expect(machine.answer(ops.link(file, "/sv/file", "step"))).toBe("EROFS");
  });

  it("a file that is renamed onto itself stays, whatever its flags are", () => {
    const { machine, file, ops } = machineWithSubvolume();
    machine.run(ops.chattr(file, "+i", "step"));
    expect(machine.answer(ops.rename("/file", "/file", "step"))).toBe("ok");
    machine.run(machine.fs.mountOperations.remount(true, "step"));
    expect(machine.answer(ops.rename("/file", "/file", "step"))).toBe("EROFS");
  });
});

describe("sharing", () => {
  it("dedupes equal blocks and leaves others alone", () => {
    const { machine, file, ops } = machineWithFile();
    machine.run(machine.fs.reflink(file, "/clone", "step"));
    const clone = machine.fs.lookup("/clone")!;
    machine.run(machine.fs.write(clone, 5, 1));
    // A copy of the same bytes elsewhere: defragmenting one of the two copies it.
    machine.run(machine.fs.defragment(clone, 32 * MIB, "step"));
    const result = machine.run(ops.dedupe(file, clone, "step"));
    expect(result.achieved).toMatch(/^\d+ of 100 blocks are shared$/);
    expect(machine.fs.bmap(clone, 5)).not.toEqual(machine.fs.bmap(file, 5));
    expect(machine.fs.bmap(clone, 50)).toEqual(machine.fs.bmap(file, 50));
    expect(machine.problems()).toEqual([]);
  });

  it("copies a range by sharing it, or by copying where only one file has checksums", () => {
    const { machine, file, ops } = machineWithFile();
    const [same, other] = [machine.create("/same", 100), machine.create("/other", 100, { nocow: true })];
    for (const target of [same, other]) {
      expect(machine.answer(ops.copyRange(file, target, bytes(10, 30), "step"))).toBe("ok");
    }
    expect(machine.fs.bmap(same, 12)).toEqual(machine.fs.bmap(file, 12));
    expect(machine.fs.bmap(other, 12)).not.toEqual(machine.fs.bmap(file, 12));
    expect(machine.problems()).toEqual([]);
  });
});

describe("a copy between files that do not agree about checksums", () => {
  it("makes zeroes of what was a hole or only preallocated", () => {
    const { machine, file, ops } = machineWithFile();
    const target = machine.create("/target", 100, { nocow: true });
    machine.run(ops.fallocate(file, "punch-hole", bytes(20, 10), "step"));
    machine.run(ops.fallocate(file, "zero-range", bytes(30, 10), "step"));
    expect(machine.answer(ops.copyRange(file, target, bytes(0, 100), "step"))).toBe("ok");
    const copied = [19, 20, 30, 40].map((block) => machine.fs.contentOf(target, block)?.generation);
    const [before, behind] = [19, 40].map((block) => machine.fs.contentOf(file, block)?.generation);
    expect(copied).toEqual([before, 0, 0, behind]);
    expect(machine.problems()).toEqual([]);
  });

  it("writes a block anew of which it copies a part, and no other block", () => {
    const { machine, file, ops } = machineWithFile();
    const target = machine.create("/target", 100);
    const generation = (block: number) => machine.fs.contentOf(target, block)!.generation;
    const before = [4, 5, 6].map(generation);
    const range = { from: 5 * PAGE_SIZE + 100, to: 5 * PAGE_SIZE + 200 };
    expect(machine.answer(ops.copyRange(file, target, range, "step"))).toBe("ok");
    expect([generation(4), generation(6)]).toEqual([before[0], before[2]]);
    expect(generation(5)).toBeGreaterThan(before[1]!);
    expect(machine.fs.bmap(target, 5)).not.toEqual(machine.fs.bmap(file, 5));
    expect(machine.problems()).toEqual([]);
  });
});

describe("flags", () => {
  it("+C works on an empty file only, and excludes +c", () => {
    const machine = new BtrfsMachine();
    const { chattr, setCompression, truncate } = machine.fs.fileOperations;
    const file = machine.create("/file", 10);
    const activate = (): string => machine.run(machine.fs.swapActivate(file, 10)).errno ?? "ok";
    machine.run(chattr(file, "+C", "step"));
    expect(activate()).toBe("EINVAL");
    machine.run(truncate(file, 0, "step"));
    machine.run(chattr(file, "+C", "step"));
    machine.run(machine.fs.write(file, 0, 10));
    expect(activate()).toBe("ok");
    expect(machine.answer(chattr(file, "+c", "step"))).toBe("EINVAL");
    expect(machine.answer(setCompression(file, "zstd", "step"))).toBe("EINVAL");
    expect(machine.answer(chattr(file, "-C", "step"))).toBe("ok");
    expect(machine.answer(chattr(file, "+x", "step"))).toBe("EOPNOTSUPP");
  });

  it.each([
    ["+c", "+C"],
    ["+c", "+m"],
    ["+m", "+C"],
    ["+m", "+c"],
    ["+C", "+c"],
    ["+C", "+m"],
  ])("%s on an empty file excludes %s until it is taken away", (first, second) => {
    const machine = new BtrfsMachine();
    const { chattr } = machine.fs.fileOperations;
    const file = machine.create("/file", 0);
    expect(machine.answer(chattr(file, first, "step"))).toBe("ok");
    expect(machine.answer(chattr(file, second, "step"))).toBe("EINVAL");
    expect(machine.answer(chattr(file, first.replace("+", "-"), "step"))).toBe("ok");
    expect(machine.answer(chattr(file, second, "step"))).toBe("ok");
  });

  it("+i keeps every change out", () => {
    const { machine, file, ops } = machineWithFile();
    machine.run(ops.chattr(file, "+i", "step"));
    expect(machine.run(machine.fs.write(file, 0, 1))).toBe("EPERM");
    expect(machine.answer(ops.truncate(file, 0, "step"))).toBe("EPERM");
    expect(machine.answer(ops.access(file, "write without waiting", "step"))).toBe("EPERM");
    expect(machine.answer(machine.fs.unlink("/file", "step"))).toBe("EPERM");
    machine.run(ops.chattr(file, "-i", "step"));
    expect(machine.run(machine.fs.write(file, 0, 1))).toBeUndefined();
  });

  it("+a keeps out what does not append, and what would take a name away or add one", () => {
    const { machine, file, ops } = machineWithFile();
    const other = machine.create("/other", 100);
    machine.run(ops.chattr(file, "+a", "step"));
    const refused: Record<string, Actor<OperationResult>> = {
      unlink: machine.fs.unlink("/file", "step"),
      rename: ops.rename("/file", "/new", "step"),
      "rename over it": ops.rename("/other", "/file", "step"),
      link: ops.link(file, "/second", "step"),
      chmod: ops.access(file, "set attributes", "step"),
      "clone onto it": ops.cloneRange(other, file, bytes(0, 100), "step"),
      "copy onto it": ops.copyRange(other, file, bytes(0, 100), "step"),
    };
    for (const [name, run] of Object.entries(refused)) {
      expect([name, machine.answer(run)]).toEqual([name, "EPERM"]);
    }
    expect(machine.run(machine.fs.write(file, 0, 1))).toBe("EPERM");
    expect(machine.run(machine.fs.write(file, 100, 1))).toBeUndefined();
    expect(machine.answer(ops.cloneRange(file, other, bytes(0, 100), "step"))).toBe("ok");
    expect(machine.answer(machine.fs.reflink(file, "/clone", "step"))).toBe("ok");
  });

  it("a compressed flag keeps swapon out", () => {
    const { machine, file, ops } = machineWithFile();
    machine.run(ops.chattr(file, "+c", "step"));
    expect(machine.run(machine.fs.swapActivate(file, 100))).toMatchObject({
      message: "swapfile must not be compressed",
    });
  });
});

describe("autodefrag", () => {
  it.each([
    ["joins what small writes have cut up since, in the background", true],
    ["does nothing if it is off", false],
  ])("%s", (_name, autodefrag) => {
    const machine = new BtrfsMachine({ mount: { autodefrag } });
    const file = machine.create("/db", 400);
    for (let block = 0; block < 100; block++) machine.run(machine.fs.write(file, (block * 37) % 100, 1));
    machine.wait(65 * SECOND);
    expect(machine.fs.extentsOf(file) <= 10).toBe(autodefrag);
    expect(machine.problems()).toEqual([]);
  });
});

describe("space that is freed", () => {
  const freeMost = (machine: BtrfsMachine, gone = 12_500): FileHandle => {
    // Too large for the small chunk of mkfs, so both share the first one of 64 MiB and nearly fill it.
    const kept = machine.create("/kept", 3000);
    machine.create("/gone", gone);
    machine.run(machine.fs.unlink("/gone", "step"));
    return kept;
  };

  it("lets a thin block group be reclaimed when a threshold is set", () => {
    const machine = new BtrfsMachine({ mount: { reclaim: 75 } });
    const kept = freeMost(machine);
    const before = machine.fs.bmap(kept, 0);
    machine.wait(95 * SECOND);
    expect(machine.lines.join()).toContain("reclaiming chunk");
    expect(machine.fs.bmap(kept, 0)).not.toEqual(before);
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["leaves a group with an active swap file on the list, without a word", true],
    ["moves an inactive one", false],
  ])("%s", (_name, active) => {
    const machine = new BtrfsMachine({ mount: { reclaim: 75 } });
    const swap = machine.create("/swap", 2500, { nocow: true });
    const before = machine.fs.bmap(swap, 0);
    if (active) machine.run(machine.fs.swapActivate(swap, 2500));
    freeMost(machine, 10_000);
    machine.wait(95 * SECOND);
    expect(machine.fs.bmap(swap, 0)?.block === before?.block).toBe(active);
    expect(machine.lines.join()).not.toContain("swapfile");
    machine.fs.swapDeactivate(swap);
    expect(machine.problems()).toEqual([]);
  });

  it("does not let the reclaim worker take the slot of a paused balance", () => {
    const machine = new BtrfsMachine({ model: "nvme-consumer", mount: { reclaim: 75 } });
    machine.create("/others", 20_000, { extents: 20 });
    machine.start(machine.fs.volume.balance({ type: "data" }, "step"));
    machine.run(
      (function* (): Actor {
        yield delay("while it runs", 5 * MILLISECOND);
        yield* machine.fs.volume.pauseBalance();
      })(),
    );
    freeMost(machine);
    machine.wait(95 * SECOND);
    expect(machine.answer(machine.fs.volume.resumeBalance("step"))).toBe("ok");
    expect(machine.problems()).toEqual([]);
  });

  it("is discarded in the background two minutes later, if that is switched on", () => {
    const machine = new BtrfsMachine({ mount: { discard: true } });
    freeMost(machine);
    machine.wait(200 * SECOND);
    expect(machine.device.stats.discardIos).toBeGreaterThan(0);
    expect(machine.problems()).toEqual([]);
  });
});
