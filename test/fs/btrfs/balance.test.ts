import { describe, expect, it } from "vitest";
import { type Actor, delay, GIB, MIB, MILLISECOND, PAGE_SIZE, SECOND } from "../../../sim/engine/index.ts";
import type { BalanceFilters, OperationResult } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** Four data chunks of 208 MiB, each three quarters full, and the small empty one of mkfs. */
function machineWithChunks(options: ConstructorParameters<typeof BtrfsMachine>[0] = {}): BtrfsMachine {
  const machine = new BtrfsMachine({ size: 2 * GIB, mount: { metadata: "single" }, ...options });
  machine.create("/a", (208 * MIB) / PAGE_SIZE, { extents: 4 });
  machine.create("/b", (208 * MIB) / PAGE_SIZE, { extents: 4 });
  machine.create("/c", (208 * MIB) / PAGE_SIZE, { extents: 4 });
  return machine;
}

function data(machine: BtrfsMachine) {
  return machine.fs.chunks().filter(({ flags }) => flags.startsWith("data"));
}

const relocated = (machine: BtrfsMachine): readonly number[] =>
  machine.lines.flatMap((line) => {
    const [, group] = /relocating block group (\d+)/.exec(line) ?? [];
    return group === undefined ? [] : [Number(group)];
  });

describe("a balance of a frozen filesystem", () => {
  it("moves nothing until the thaw, whenever the freeze comes", () => {
    for (const line of ["balance: start", "relocating block group", "stage: move data extents"]) {
      const machine = machineWithChunks({ model: "ssd-sata" });
      const places = (): string => JSON.stringify(machine.fs.files().map((file) => machine.places(file)));
      const { volume, mountOperations } = machine.fs;
      let result: OperationResult | undefined;
      machine.start(
        (function* (): Actor {
          result = yield* volume.balance({ type: "data" }, "step");
        })(),
      );
      const [atFreeze, atThaw] = machine.run(
        (function* (): Actor<string[]> {
          while (!machine.lines.some((logged) => logged.includes(line))) yield delay("watch", MILLISECOND);
          yield* mountOperations.freeze();
          const before = places();
          yield delay("frozen", 60_000 * MILLISECOND);
          const after = places();
          yield* mountOperations.thaw();
          return [before, after];
        })(),
      );
      expect(atThaw).toBe(atFreeze);
      machine.wait(60_000 * MILLISECOND);
      expect(result?.errno).toBeUndefined();
      expect(places()).not.toBe(atFreeze);
      expect(machine.problems()).toEqual([]);
    }
  });
});

describe("a balance", () => {
  it("walks from the highest address down and does not visit what it makes", () => {
    const machine = machineWithChunks();
    const before = machine.fs.chunks().map(({ start }) => start);
    machine.run(machine.fs.volume.balance({ type: "all" }, "step"));
    expect(relocated(machine)).toEqual(before.toReversed());
    expect(machine.problems()).toEqual([]);
  });

  it("logs how many extents each stage found", () => {
    const machine = machineWithChunks();
    const [first] = data(machine).slice(1);
    machine.run(
      machine.fs.volume.balance(
        { type: "data", vrange: { from: first!.start, to: first!.start + 1 } },
        "step",
      ),
    );
    const found = machine.lines.filter((line) => line.includes("found"));
    expect(found).toEqual([
      expect.stringMatching(/^BTRFS info: found (\d+) extents, stage: move data extents$/),
      expect.stringMatching(/^BTRFS info: found (\d+) extents, stage: update data pointers$/),
    ]);
  });

  const count = (filters: (machine: BtrfsMachine) => Partial<BalanceFilters>): number => {
    const machine = machineWithChunks();
    machine.run(machine.fs.volume.balance({ type: "data", ...filters(machine) }, "step"));
    expect(machine.problems()).toEqual([]);
    return relocated(machine).length;
  };

  it.each([
    ["all data chunks", () => ({}), 5],
    ["a limit", () => ({ limit: 2 }), 2],
    ["usage below a threshold", () => ({ usage: 76 }), 5],
    ["usage at the threshold, which is not below it", () => ({ usage: 75 }), 1],
    ["usage 0: only empty ones, and there is the small one of mkfs", () => ({ usage: 0 }), 1],
    ["a lower bound of usage", () => ({ usage: 100, usageMin: 75 }), 4],
    ["a higher one", () => ({ usage: 100, usageMin: 76 }), 0],
    ["a lower bound alone", () => ({ usageMin: 75 }), 4],
    ["a higher one alone", () => ({ usageMin: 76 }), 0],
    ["the only device", () => ({ devid: 1 }), 5],
    ["a device that is not there", () => ({ devid: 2 }), 0],
    ["a range of the device", () => ({ devid: 1, drange: { from: 0, to: 14 * MIB } }), 1],
    [
      "logical addresses",
      (m: BtrfsMachine) => ({ vrange: { from: data(m)[1]!.start, to: data(m)[2]!.start } }),
      1,
    ],
    ["a profile", () => ({ profiles: ["single"] }), 5],
    ["another profile", () => ({ profiles: ["raid1", "dup"] }), 0],
    ["one stripe", () => ({ stripes: { from: 1, to: 1 } }), 5],
    ["two stripes", () => ({ stripes: { from: 2, to: 9 } }), 0],
    ["soft conversion to what they are", () => ({ convert: "single", soft: true }), 0],
  ] as const)("chooses by %s", (_name, filters, expected) => {
    expect(count(filters)).toBe(expected);
  });

  it("has a limit for each type of chunk, as each has arguments of its own", () => {
    const machine = machineWithChunks();
    machine.run(machine.fs.volume.balance({ type: "all", limit: 1 }, "step"));
    const types = machine.lines.flatMap(
      (line) => /relocating block group \d+ flags (\w+)/.exec(line)?.[1] ?? [],
    );
    expect(types.toSorted()).toEqual(["data", "metadata", "system"]);
  });

  it("takes a skipped chunk into its limit", () => {
    const machine = machineWithChunks();
    const swap = machine.create("/swap", (208 * MIB) / PAGE_SIZE, { nocow: true, preallocated: true });
    machine.run(machine.fs.swapActivate(swap, swap.size));
    const result = machine.run(machine.fs.volume.balance({ type: "data", limit: 1 }, "step"));
    expect(result).toMatchObject({ errno: undefined, skipped: [{ reason: "active swapfile" }] });
    expect(relocated(machine)).toEqual([]);
  });

  it("of metadata includes system, and both end up in chunks of 6.1's size", () => {
    const machine = new BtrfsMachine({ size: 8 * GIB });
    for (let file = 0; file < 500; file++) machine.create(`/file${file}`, 1);
    machine.run(machine.fs.sync());
    const result = machine.run(machine.fs.volume.balance({ type: "metadata" }, "step"));
    expect(result.achieved).toContain("relocated 2 of");
    const lengths = machine.fs
      .chunks()
      .flatMap(({ flags, length }) => (flags.startsWith("system") ? [length] : []));
    expect(lengths).toEqual([32 * MIB]);
    expect(machine.problems()).toEqual([]);
  });
});

describe("a conversion", () => {
  it("gives data the new profile and back", () => {
    const machine = machineWithChunks({ size: 4 * GIB });
    machine.run(machine.fs.volume.balance({ type: "data", convert: "dup" }, "step"));
    expect(new Set(data(machine).map(({ flags }) => flags))).toEqual(new Set(["data|dup"]));
    expect(machine.problems()).toEqual([]);
    machine.run(machine.fs.volume.balance({ type: "data", convert: "single" }, "step"));
    expect(new Set(data(machine).map(({ flags }) => flags))).toEqual(new Set(["data"]));
    expect(machine.problems()).toEqual([]);
  });

  it("leaves the chunk of an active swap file as it is, so that two profiles stay", () => {
    const machine = machineWithChunks({ size: 4 * GIB });
    const swap = machine.create("/swap", 1000, { nocow: true });
    machine.run(machine.fs.swapActivate(swap, 1000));
    const result = machine.run(machine.fs.volume.balance({ type: "data", convert: "dup" }, "step"));
    expect(result.errno).toBeUndefined();
    expect(new Set(data(machine).map(({ flags }) => flags))).toEqual(new Set(["data", "data|dup"]));
  });

  it("puts RAID1 on two devices", () => {
    const machine = new BtrfsMachine({ sizes: [2 * GIB, 2 * GIB] });
    machine.create("/db", 10_000, { extents: 9 });
    const result = machine.run(machine.fs.volume.balance({ type: "all", convert: "raid1" }, "step"));
    expect(result.errno).toBeUndefined();
    expect(machine.fs.chunks().every(({ flags }) => flags.endsWith("raid1"))).toBe(true);
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["to more devices than there are", { type: "data", convert: "raid1" }, "EINVAL"],
    ["of metadata to fewer copies", { type: "metadata", convert: "single" }, "EINVAL"],
    ["of metadata to fewer copies by force", { type: "metadata", convert: "single", force: true }, "ok"],
  ] as const)("%s is %s", (_name, filters, expected) => {
    const machine = new BtrfsMachine({ size: 2 * GIB });
    expect(machine.answer(machine.fs.volume.balance(filters, "step"))).toBe(expected);
  });

  it.each([
    ["from three copies to two", "metadata", "raid1", "ok"],
    ["from three copies to two in one place", "metadata", "dup", "ok"],
    ["from three copies to one", "metadata", "single", "EINVAL"],
    ["of system from three copies to stripes", "system", "raid0", "EINVAL"],
    ["of data, whose loss is the user's own affair", "data", "raid0", "ok"],
  ] as const)("%s: metadata must stay redundant, in whatever way", (_name, type, convert, expected) => {
    const machine = new BtrfsMachine({
      sizes: [GIB, GIB, GIB],
      mount: { data: "raid1", metadata: "raid1c3" },
    });
    expect(machine.answer(machine.fs.volume.balance({ type, convert }, "step"))).toBe(expected);
  });
});

describe("a running balance", () => {
  /** Starts a balance, does something a little later, and tells how both ended. */
  function meanwhile(act: (machine: BtrfsMachine) => Actor<OperationResult>): {
    machine: BtrfsMachine;
    balance: OperationResult | undefined;
    other: OperationResult;
  } {
    const machine = machineWithChunks({ model: "nvme-consumer" });
    let balance: OperationResult | undefined;
    machine.start(
      (function* (): Actor {
        balance = yield* machine.fs.volume.balance({ type: "data" }, "step");
      })(),
    );
    const other = machine.run(
      (function* (): Actor<OperationResult> {
        yield delay("while it runs", 50 * MILLISECOND);
        return yield* act(machine);
      })(),
    );
    return { machine, balance, other };
  }

  it("pauses between two chunks, keeps its slot, and goes on", () => {
    const { machine, balance, other } = meanwhile((each) => each.fs.volume.pauseBalance());
    expect(other).toMatchObject({ errno: undefined, achieved: "the balance is paused" });
    expect(balance?.errno).toBe("ECANCELED");
    const file = machine.create("/swap", 100, { nocow: true });
    expect(machine.run(machine.fs.swapActivate(file, 100))).toMatchObject({
      errno: "EBUSY",
      message: "cannot activate swapfile while exclusive operation is running",
    });
    const done = relocated(machine).length;
    expect(machine.answer(machine.fs.volume.resumeBalance("step"))).toBe("ok");
    expect(relocated(machine).length).toBeGreaterThan(done);
    expect(machine.run(machine.fs.swapActivate(file, 100)).errno).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("is cancelled while it runs, or while it is paused", () => {
    const { machine, balance, other } = meanwhile((each) => each.fs.volume.cancelBalance());
    expect(other.errno).toBeUndefined();
    expect(balance?.errno).toBe("ECANCELED");
    expect(machine.answer(machine.fs.volume.resumeBalance("step"))).toBe("ENOTCONN");
    const paused = meanwhile((each) => each.fs.volume.pauseBalance()).machine;
    expect(paused.answer(paused.fs.volume.cancelBalance())).toBe("ok");
    expect(paused.answer(paused.fs.volume.balance({ type: "data", limit: 1 }, "step"))).toBe("ok");
    expect(paused.problems()).toEqual([]);
  });

  it.each([
    ["another balance", (m: BtrfsMachine) => m.fs.volume.balance({ type: "data" }, "step")],
    ["a resize", (m: BtrfsMachine) => m.fs.volume.resizeDevice(m.device, GIB, "step")],
    ["the removal of a device", (m: BtrfsMachine) => m.fs.volume.removeDevice(m.device, "step")],
  ])("keeps %s out", (_name, act) => {
    expect(meanwhile(act).other.errno).toBe("EINPROGRESS");
  });

  it("without anything to stop is ENOTCONN", () => {
    const machine = machineWithChunks();
    for (const act of ["pauseBalance", "cancelBalance"] as const) {
      expect(machine.answer(machine.fs.volume[act]())).toBe("ENOTCONN");
    }
  });
});

describe("a frozen filesystem", () => {
  it("stops a running balance between two changes, and the thaw lets it go on", () => {
    const machine = new BtrfsMachine({ size: GIB, model: "ssd-sata" });
    const file = machine.create("/data", 50_000, { extents: 300 });
    machine.run(machine.fs.sync());
    let ended = false;
    const balance = (function* (): Actor {
      yield* machine.fs.volume.balance({ type: "data" }, "step");
      ended = true;
    })();
    machine.engine.spawn("balance", balance, { daemon: true });
    machine.wait(20 * MILLISECOND);
    expect(machine.answer(machine.fs.mountOperations.freeze())).toBe("ok");
    machine.wait(SECOND);
    const frozen = machine.places(file);
    machine.wait(100 * SECOND);
    expect(ended).toBe(false);
    expect(machine.places(file)).toEqual(frozen);
    expect(machine.answer(machine.fs.mountOperations.thaw())).toBe("ok");
    machine.wait(100 * SECOND);
    expect(ended).toBe(true);
    expect(machine.places(file)).not.toEqual(frozen);
    expect(machine.problems()).toEqual([]);
  });
});
