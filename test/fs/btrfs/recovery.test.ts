import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, delay, GIB, MIB, MILLISECOND, SECOND } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** Cuts the power of a machine: the devices forget what they had not flushed, then the filesystem mounts again. */
function crash(machine: BtrfsMachine): void {
  machine.engine.killAllBut(new Set());
  for (const device of machine.devices) device.powerLoss();
  machine.fs.recover();
  machine.fs.mount();
}

/** Cuts the power when an actor has ended, while others go on. */
function crashAfter(machine: BtrfsMachine, actor: Actor<unknown>): void {
  let ended = false;
  machine.start(
    (function* (): Actor {
      yield* actor;
      ended = true;
    })(),
  );
  for (let until = machine.engine.now; !ended; until += MILLISECOND) machine.engine.run(until);
  crash(machine);
}

const durable = (): BtrfsMachine => new BtrfsMachine({ model: "ssd-sata", trackDurability: true });

describe("after a power loss", () => {
  it("everything is as the last commit left it", () => {
    const machine = durable();
    const file = machine.create("/db", 200, { extents: 5 });
    machine.run(machine.fs.write(file, 10, 50));
    machine.run(machine.fs.sync());
    const committed = machine.places(file);
    const used = machine.fs.space().dataUsed;
    machine.run(machine.fs.write(file, 0, 100));
    machine.run(machine.fs.fileOperations.truncate(file, 0, "step"));
    machine.run(machine.fs.fileOperations.rename("/db", "/gone", "step"));
    crash(machine);
    expect(machine.places(machine.fs.lookup("/db")!)).toEqual(committed);
    expect(machine.fs.lookup("/gone")).toBeUndefined();
    expect(machine.fs.space().dataUsed).toBe(used);
    expect(machine.problems()).toEqual([]);
  });

  it("a file removed since then is back, and one made since then is not there", () => {
    const machine = durable();
    machine.create("/old", 100);
    machine.run(machine.fs.sync());
    machine.run(machine.fs.unlink("/old", "step"));
    machine.run(machine.fs.reflink(machine.create("/new", 50), "/clone", "step"));
    crash(machine);
    expect(machine.fs.files().map(({ path }) => path)).toEqual(["/old"]);
    expect(machine.problems()).toEqual([]);
  });

  it("a snapshot that was not committed is gone, one that was still shares", () => {
    const machine = durable();
    for (let file = 0; file < 300; file++) machine.create(`/file-${file}`, 1);
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "step"));
    machine.run(machine.fs.write(machine.fs.lookup("/file-9")!, 0, 1));
    crash(machine);
    expect(machine.fs.bmap(machine.fs.lookup("/snap/file-9")!, 0)).toEqual(
      machine.fs.bmap(machine.fs.lookup("/file-9")!, 0),
    );
    machine.run(machine.fs.write(machine.fs.lookup("/file-9")!, 0, 1));
    expect(machine.problems()).toEqual([]);
  });

  it("the mount has the options of the scenario again, and paths lead to it", () => {
    const machine = new BtrfsMachine({ model: "ssd-sata", mount: { compress: "zstd" } });
    const { setMountOption, umount } = machine.fs.mountOperations;
    const swap = machine.create("/swap", 100, { nocow: true });
    machine.run(machine.fs.sync());
    machine.run(machine.fs.swapActivate(swap, 100));
    machine.run(setMountOption("nodatacow"));
    machine.run(umount(true, "step"));
    expect(machine.fs.lookup("/swap")).toBeUndefined();
    crash(machine);
    expect(machine.fs.lookup("/swap")).toBe(swap);
    machine.run(machine.fs.fileOperations.create("/new", false, "step"));
    const made = machine.fs.lookup("/new")!;
    machine.run(machine.fs.write(made, 0, 32));
    expect(machine.fs.notDirect(made, 0)).toBe("compressed");
    expect(machine.problems()).toEqual([]);
  });

  it("a name that another file was renamed to leads to one of the two, also while the old one is written", () => {
    const machine = new BtrfsMachine({ model: "hdd-7200", trackDurability: true });
    machine.create("/old", 20_000);
    const renamed = machine.create("/new", 100);
    machine.run(machine.fs.sync());
    machine.start(machine.fs.write(machine.fs.lookup("/old")!, 0, 20_000));
    machine.start(machine.fs.fileOperations.rename("/new", "/old", "step"));
    crashAfter(machine, machine.fs.sync());
    expect(machine.fs.files()).toEqual([renamed]);
    expect(machine.fs.lookup("/old")).toBe(renamed);
    expect(machine.problems()).toEqual([]);
  });

  it("a file that lost its name before the commit is gone, with its blocks, whoever was at work on it", () => {
    const machine = new BtrfsMachine({ model: "hdd-7200", trackDurability: true });
    const file = machine.create("/busy", 20_000);
    machine.run(machine.fs.sync());
    machine.start(machine.fs.write(file, 0, 20_000));
    machine.start(machine.fs.unlink("/busy", "step"));
    crashAfter(machine, machine.fs.sync());
    expect(machine.fs.lookup("/busy")).toBeUndefined();
    expect(machine.fs.space().dataUsed).toBe(0);
    expect(machine.fs.files()).toEqual([]);
    expect(machine.problems()).toEqual([]);
  });

  it("blocks freed since the commit still hold what the commit says", () => {
    const machine = durable();
    const file = machine.create("/cow", 300);
    machine.run(machine.fs.sync());
    for (let block = 0; block < 300; block += 3) machine.run(machine.fs.write(file, block, 2));
    crash(machine);
    expect(machine.run(machine.fs.read(machine.fs.lookup("/cow")!, 0, 300))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("without the pin until the commit they do not", () => {
    // A device that keeps what it was given, so that the blocks written in place of the old ones are there.
    const machine = new BtrfsMachine({ faults: ["reuseBeforeCommit"] });
    const file = machine.create("/cow", 300);
    machine.run(machine.fs.sync());
    for (let round = 0; round < 70; round++) machine.run(machine.fs.write(file, 0, 300));
    crash(machine);
    expect(machine.run(machine.fs.read(machine.fs.lookup("/cow")!, 0, 300))).toBe("EIO");
  });
});

describe("a power loss right after the answer", () => {
  const crashed = (act: (machine: BtrfsMachine) => Actor<unknown>): BtrfsMachine => {
    const machine = new BtrfsMachine({ model: "ssd-sata", size: 2 * GIB, trackDurability: true });
    machine.run(act(machine));
    crash(machine);
    expect(machine.problems()).toEqual([]);
    return machine;
  };

  it("does not take a new subvolume back", () => {
    expect(crashed((m) => m.fs.subvolumes.create("/sv", "step")).fs.isDirectory("/sv")).toBe(true);
  });

  it("does not make a subvolume writable again", () => {
    const machine = crashed((m) => m.fs.subvolumes.setReadOnly("/", true, "step"));
    expect(machine.answer(machine.fs.fileOperations.create("/new", false, "step"))).toBe("EROFS");
  });

  it.each([
    ["shrunk, with nothing to move", [GIB]],
    ["grown", [GIB, 1.5 * GIB]],
  ])("leaves a device that was %s at its new size", (_name, sizes) => {
    const machine = crashed(function* (m): Actor {
      for (const size of sizes) yield* m.fs.volume.resizeDevice(m.device, size, "step");
    });
    expect(machine.fs.space().size).toBe(sizes.at(-1));
  });
});

describe("a power loss in the middle of a shrink", () => {
  const shrinking = (act: (machine: BtrfsMachine) => Actor<unknown>): BtrfsMachine => {
    const machine = new BtrfsMachine({
      model: "nvme-consumer",
      sizes: [2 * GIB, 2 * GIB],
      mount: { metadata: "single" },
      trackDurability: true,
    });
    machine.create("/a", 300_000);
    machine.run(machine.fs.sync());
    machine.start(act(machine));
    crashAfter(
      machine,
      (function* (): Actor {
        yield delay("until something has moved", 250 * MILLISECOND);
        yield* machine.fs.sync();
      })(),
    );
    return machine;
  };

  it.each<[string, (machine: BtrfsMachine) => Actor<unknown>]>([
    ["to a smaller size", (m) => m.fs.volume.resizeDevice(m.devices[1]!, 256 * MIB, "step")],
    ["for the removal of the device", (m) => m.fs.volume.removeDevice(m.devices[1]!, "step")],
  ])("%s leaves the device as large as it was", (_name, act) => {
    const machine = shrinking(act);
    expect(machine.fs.space().size).toBe(4 * GIB);
    expect(machine.problems()).toEqual([]);
    expect(machine.answer(machine.fs.volume.removeDevice(machine.devices[1]!, "step"))).toBe("ok");
    expect(machine.fs.space().size).toBe(2 * GIB);
    expect(machine.problems()).toEqual([]);
  });
});

describe("power lost at any moment", () => {
  const operation = fc.record({
    kind: fc.constantFrom(
      "write",
      "write",
      "defrag",
      "balance",
      "snapshot",
      "delete",
      "unlink",
      "truncate",
      "sync",
    ),
    file: fc.integer({ min: 0, max: 2 }),
    first: fc.integer({ min: 0, max: 250 }),
    count: fc.integer({ min: 1, max: 50 }),
  });

  it("leaves a filesystem that is whole, with the contents of a commit", () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 1, max: 400 }),
        (operations, millisecond) => {
          const machine = durable();
          const files = [
            machine.create("/a", 300, { extents: 6 }),
            machine.create("/b", 300, { extents: 2 }),
            machine.create("/c", 300, { nocow: true }),
          ];
          machine.run(machine.fs.sync());
          const { fs } = machine;
          const act = function* (): Actor {
            for (const [number, { kind, file, first, count }] of operations.entries()) {
              const target = files[file]!;
              if (kind === "write") yield* fs.write(target, first, count);
              else if (kind === "defrag") yield* fs.defragment(target, 32 * 2 ** 20, "step");
              else if (kind === "balance") yield* fs.volume.balance({ type: "all" }, "step");
              else if (kind === "snapshot") yield* fs.subvolumes.snapshot("/", `/s${number}`, true, "step");
              else if (kind === "delete") yield* fs.subvolumes.delete(`/s${first % 12}`, "step");
              else if (kind === "unlink") yield* fs.unlink(target.path, "step");
              else if (kind === "truncate") yield* fs.fileOperations.truncate(target, first * 4096, "step");
              else yield* fs.sync();
            }
          };
          machine.start(act());
          machine.engine.spawn(
            "power loss",
            (function* (): Actor {
              yield delay("until the power fails", millisecond * MILLISECOND);
            })(),
          );
          machine.engine.run(millisecond * MILLISECOND);
          crash(machine);
          expect(machine.problems()).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe("an aborted transaction", () => {
  it("makes the filesystem read-only, and swap goes on where it was", () => {
    const machine = new BtrfsMachine();
    const swap = machine.create("/swap", 100, { nocow: true });
    machine.run(machine.fs.swapActivate(swap, 100));
    expect(machine.answer(machine.fs.mountOperations.abortTransaction("EIO"))).toBe("ok");
    expect(machine.lines).toEqual([
      "BTRFS error: Transaction aborted (error -5)",
      "BTRFS info: forced readonly",
    ]);
    expect(machine.answer(machine.fs.mountOperations.abortTransaction("EIO"))).toBe("EROFS");
    expect(machine.run(machine.fs.write(machine.fs.lookup("/swap")!, 0, 1))).toBe("EROFS");
    const { volume, subvolumes } = machine.fs;
    for (const operation of [
      volume.balance({ type: "data" }, "s"),
      volume.resizeDevice(machine.device, 2 ** 29, "s"),
      subvolumes.snapshot("/", "/snap", true, "s"),
      machine.fs.unlink("/swap", "s"),
    ]) {
      expect(machine.answer(operation)).toBe("EROFS");
    }
    expect(machine.answer(machine.fs.mountOperations.remount(false, "s"))).toBe("EROFS");
    machine.wait(31 * SECOND);
    machine.fs.swapDeactivate(swap);
    expect(machine.problems()).toEqual([]);
  });
});
