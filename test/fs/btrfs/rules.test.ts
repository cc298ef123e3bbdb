import { describe, expect, it } from "vitest";
import { type Actor, GIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { KERNEL_VERSIONS, listRules } from "../../../sim/fs/btrfs/rules/index.ts";
import type { OperationResult } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** `flagOnly`: swapon has marked the inode, but btrfs was not asked to activate it. */
type Setup = NonNullable<ConstructorParameters<typeof BtrfsMachine>[0]> & { readonly flagOnly?: boolean };
type Act = (machine: BtrfsMachine) => Actor<OperationResult>;

/** A swap file that is active in a subvolume, other data, and a spare device. */
function activeMachine(setup: Setup = {}): BtrfsMachine {
  const machine = new BtrfsMachine({
    sizes: [2 * GIB, 2 * GIB, 2 * GIB],
    spare: 1,
    mount: { metadata: "single" },
    ...setup,
  });
  machine.run(machine.fs.subvolumes.create("/sv", "step"));
  const swap = machine.create("/sv/swap", 1000, { nocow: true });
  machine.create("/sv/other", 100, { nocow: true });
  machine.create("/cow", 100);
  if (setup.flagOnly === true) machine.fs.setSwapFile(swap, true);
  else machine.run(machine.fs.swapActivate(swap, 1000));
  return machine;
}

const swapOf = (machine: BtrfsMachine) => machine.fs.lookup("/sv/swap")!;
const otherOf = (machine: BtrfsMachine) => machine.fs.lookup("/sv/other")!;
const all = { from: 0, to: 100 * PAGE_SIZE };
const holder = (machine: BtrfsMachine) => machine.fs.bmap(swapOf(machine), 0)!.device;

function* written(machine: BtrfsMachine): Actor<OperationResult> {
  return { errno: yield* machine.fs.write(swapOf(machine), 0, 1), achieved: "", skipped: [] };
}

/** What a real 6.1 answered, operation by operation, while a swap file was active (errno; "ok" if it went through). */
const ON_ACTIVE: readonly (readonly [name: string, act: Act, answer: string])[] = [
  ["write", written, "ETXTBSY"],
  ["truncate to less", (m) => m.fs.fileOperations.truncate(swapOf(m), PAGE_SIZE, "s"), "ETXTBSY"],
  ["truncate to the same", (m) => m.fs.fileOperations.truncate(swapOf(m), 1000 * PAGE_SIZE, "s"), "ETXTBSY"],
  ["truncate to more", (m) => m.fs.fileOperations.truncate(swapOf(m), 2000 * PAGE_SIZE, "s"), "ok"],
  ["fallocate", (m) => m.fs.fileOperations.fallocate(swapOf(m), "allocate", all, "s"), "ETXTBSY"],
  ["fallocate keep size", (m) => m.fs.fileOperations.fallocate(swapOf(m), "keep-size", all, "s"), "ETXTBSY"],
  ["punch hole", (m) => m.fs.fileOperations.fallocate(swapOf(m), "punch-hole", all, "s"), "ETXTBSY"],
  ["collapse range", (m) => m.fs.fileOperations.fallocate(swapOf(m), "collapse", all, "s"), "ETXTBSY"],
  ["insert range", (m) => m.fs.fileOperations.fallocate(swapOf(m), "insert", all, "s"), "ETXTBSY"],
  [
    "copy_file_range from it",
    (m) => m.fs.fileOperations.copyRange(swapOf(m), otherOf(m), all, "s"),
    "ETXTBSY",
  ],
  [
    "copy_file_range into it",
    (m) => m.fs.fileOperations.copyRange(otherOf(m), swapOf(m), all, "s"),
    "ETXTBSY",
  ],
  ["reflink", (m) => m.fs.reflink(swapOf(m), "/sv/clone", "s"), "ETXTBSY"],
  ["dedupe, source", (m) => m.fs.fileOperations.dedupe(swapOf(m), otherOf(m), "s"), "ETXTBSY"],
  ["dedupe, destination", (m) => m.fs.fileOperations.dedupe(otherOf(m), swapOf(m), "s"), "ETXTBSY"],
  [
    "dedupe with a checksummed file",
    (m) => m.fs.fileOperations.dedupe(m.fs.lookup("/cow")!, swapOf(m), "s"),
    "EINVAL",
  ],
  ["defrag", (m) => m.fs.defragment(swapOf(m), 32 * 2 ** 20, "s"), "ETXTBSY"],
  ["unlink", (m) => m.fs.unlink("/sv/swap", "s"), "EPERM"],
  ["rename", (m) => m.fs.fileOperations.rename("/sv/swap", "/sv/new", "s"), "EPERM"],
  ["rename over it", (m) => m.fs.fileOperations.rename("/sv/other", "/sv/swap", "s"), "EPERM"],
  ["link", (m) => m.fs.fileOperations.link(swapOf(m), "/sv/second", "s"), "ok"],
  ["chattr -C", (m) => m.fs.fileOperations.chattr(swapOf(m), "-C", "s"), "ok"],
  ["chattr +c", (m) => m.fs.fileOperations.chattr(swapOf(m), "+c", "s"), "EINVAL"],
  ["chattr +m", (m) => m.fs.fileOperations.chattr(swapOf(m), "+m", "s"), "EINVAL"],
  ["chattr +S", (m) => m.fs.fileOperations.chattr(swapOf(m), "+S", "s"), "ok"],
  ["chattr +i", (m) => m.fs.fileOperations.chattr(swapOf(m), "+i", "s"), "ok"],
  ["property compression", (m) => m.fs.fileOperations.setCompression(swapOf(m), "zstd", "s"), "EINVAL"],
  ["snapshot", (m) => m.fs.subvolumes.snapshot("/sv", "/snap", false, "s"), "ETXTBSY"],
  ["read-only snapshot", (m) => m.fs.subvolumes.snapshot("/sv", "/snap", true, "s"), "ETXTBSY"],
  ["snapshot of the parent", (m) => m.fs.subvolumes.snapshot("/", "/snap", true, "s"), "ok"],
  ["subvolume delete", (m) => m.fs.subvolumes.delete("/sv", "s"), "EPERM"],
  ["subvolume read-only", (m) => m.fs.subvolumes.setReadOnly("/sv", true, "s"), "ok"],
  ["subvolume create inside", (m) => m.fs.subvolumes.create("/sv/inner", "s"), "ok"],
  ["balance", (m) => m.fs.volume.balance({ type: "all" }, "s"), "ok"],
  ["scrub", (m) => m.fs.volume.scrub("s"), "ok"],
  ["device add", (m) => m.fs.volume.addDevice(m.devices[2]!, "s"), "ok"],
  ["device remove", (m) => m.fs.volume.removeDevice(holder(m), "s"), "ETXTBSY"],
  ["device replace", (m) => m.fs.volume.replaceDevice(holder(m), m.devices[2]!, "s"), "ETXTBSY"],
  ["resize to less than 256 MiB", (m) => m.fs.volume.resizeDevice(holder(m), 200 * 2 ** 20, "s"), "EINVAL"],
  ["fstrim", (m) => m.fs.trim("s"), "ok"],
  ["freeze", (m) => m.fs.mountOperations.freeze(), "ok"],
  ["remount read-only", (m) => m.fs.mountOperations.remount(true, "s"), "EBUSY"],
  ["umount", (m) => m.fs.mountOperations.umount(false, "s"), "EBUSY"],
  ["lazy umount", (m) => m.fs.mountOperations.umount(true, "s"), "ok"],
];

describe("on an active swap file", () => {
  it.each(ON_ACTIVE)("%s answers as Linux 6.1 did", (_name, act, answer) => {
    const machine = activeMachine();
    expect(machine.answer(act(machine))).toBe(answer);
    expect(machine.fs.check()).toEqual([]);
  });

  it("a write that must not wait is refused like any other", () => {
    const machine = activeMachine();
    const { access } = machine.fs.fileOperations;
    expect(machine.answer(access(swapOf(machine), "write without waiting", "s", all))).toBe("ETXTBSY");
  });

  const answers = (setup: Setup): Readonly<Record<string, string>> =>
    Object.fromEntries(
      ON_ACTIVE.map(([name, act]) => {
        const machine = activeMachine(setup);
        return [name, machine.answer(act(machine))];
      }),
    );
  const differing = (setup: Setup): readonly string[] => {
    const found = answers(setup);
    return ON_ACTIVE.filter(([name, , answer]) => found[name] !== answer).map(([name]) => name);
  };

  it("what the pins protect is lost without them, and only that", () => {
    expect(differing({ faults: ["unpinnedSwapFile"] })).toEqual([
      "snapshot",
      "read-only snapshot",
      "subvolume delete",
      "device remove",
      "device replace",
    ]);
  });

  it("that btrfs has not activated, only the VFS protects: bmap and the 2014 series", () => {
    const flagged: Setup = { flagOnly: true };
    expect(differing(flagged)).toEqual([
      "defrag",
      "snapshot",
      "read-only snapshot",
      "subvolume delete",
      "device remove",
      "device replace",
    ]);
  });

  it("without pins balance moves the file under the captured addresses", () => {
    const moves = (setup: Setup): boolean => {
      const machine = activeMachine(setup);
      const before = machine.fs.bmap(swapOf(machine), 0);
      machine.run(machine.fs.volume.balance({ type: "data" }, "s"));
      return machine.fs.bmap(swapOf(machine), 0)!.block !== before!.block;
    };
    expect([moves({}), moves({ faults: ["unpinnedSwapFile"] })]).toEqual([false, true]);
  });

  it.each([
    [
      "linux-5.0",
      [
        "write",
        "copy_file_range from it",
        "copy_file_range into it",
        "property compression",
        "subvolume delete",
      ],
    ],
    ["linux-6.18", []],
  ])("%s answers otherwise for these", (kernel, names) => {
    const found = differing({ kernel });
    expect(found).toEqual(names);
  });

  it("nothing can be activated on 3.18, which has no way to ask btrfs", () => {
    const machine = new BtrfsMachine({ kernel: "linux-3.18" });
    const swap = machine.create("/swap", 10, { nocow: true });
    expect(machine.run(machine.fs.swapActivate(swap, 10))).toEqual({
      errno: "EINVAL",
      message: "swapfile has holes",
    });
  });
});

describe("the order of swapon's tests", () => {
  it.each([
    ["a COW file during a balance is copy-on-write, not busy", "/cow", "swapfile must not be copy-on-write"],
    ["a NOCOW file is busy then", "/nocow", "cannot activate swapfile while exclusive operation is running"],
  ])("%s", (_name, path, message) => {
    const machine = new BtrfsMachine({ model: "ssd-sata-slow" });
    for (const file of ["/cow", "/nocow"]) machine.create(file, 3000, { nocow: file === "/nocow" });
    machine.start(machine.fs.volume.balance({ type: "data" }, "s"));
    const file = machine.fs.lookup(path)!;
    expect(machine.run(machine.fs.swapActivate(file, 10))).toMatchObject({ message });
  });

  it("without the exclusive operation a swap file is activated during a balance", () => {
    const machine = new BtrfsMachine({ model: "ssd-sata-slow", faults: ["ignoreExclusiveOperation"] });
    const file = machine.create("/nocow", 3000, { nocow: true });
    machine.create("/big", 20_000);
    machine.start(machine.fs.volume.balance({ type: "metadata" }, "s"));
    expect(machine.run(machine.fs.swapActivate(file, 10)).errno).toBeUndefined();
  });

  it("the first extent that is wrong decides: a hole behind a shared one", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/swap", 30, { nocow: true, extents: 3 });
    machine.run(machine.fs.reflink(file, "/clone", "s"));
    machine.run(
      machine.fs.fileOperations.fallocate(file, "punch-hole", { from: 80 * 1024, to: 120 * 1024 }, "s"),
    );
    const message = (): string => {
      const result = machine.run(machine.fs.swapActivate(file, 30));
      return result.errno === undefined ? "ok" : result.message;
    };
    expect(message()).toBe("swapfile must not be copy-on-write");
    machine.run(machine.fs.unlink("/clone", "s"));
    expect(message()).toBe("swapfile must not have holes");
  });

  it("two devices and other profiles are refused", () => {
    const machine = new BtrfsMachine({ sizes: [GIB, GIB], mount: { metadata: "single" } });
    const file = machine.create("/swap", (700 * 2 ** 20) / PAGE_SIZE, { nocow: true, preallocated: true });
    expect(machine.run(machine.fs.swapActivate(file, 10))).toMatchObject({
      errno: "EINVAL",
      message: "swapfile must be on one device",
    });
  });

  it("without the share test a snapshotted file is accepted", () => {
    const machine = new BtrfsMachine({ faults: ["blindShareTest"] });
    const file = machine.create("/swap", 30, { nocow: true });
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "s"));
    expect(machine.run(machine.fs.swapActivate(file, 30)).errno).toBeUndefined();
  });
});

describe("the list of rules", () => {
  it("says for each one when it fires, what it answers, where it comes from and which kernels have it", () => {
    for (const row of listRules()) {
      expect(row.condition).not.toBe("");
      expect(row.source).toMatch(/^[a-z_]+$/);
      expect(row.answer).toMatch(/^(E[A-Z]+|SIGBUS|skip)$/);
    }
    expect(listRules().length).toBeGreaterThan(60);
  });

  it("knows every kernel", () => {
    const kernels = new Set(listRules().flatMap((row) => row.kernels));
    expect([...kernels].toSorted((a, b) => a.localeCompare(b))).toEqual(
      Object.keys(KERNEL_VERSIONS).toSorted((a, b) => a.localeCompare(b)),
    );
  });
});

describe("a swap file that btrfs has not activated itself", () => {
  it.each([
    ["linux-6.1", "ETXTBSY"],
    ["linux-3.18", undefined],
  ])("is written to by users on %s: %s; it can be removed on neither", (kernel, answer) => {
    const machine = new BtrfsMachine({ kernel });
    const file = machine.create("/swap", 100, { nocow: true });
    machine.fs.setSwapFile(file, true);
    expect(machine.run(machine.fs.write(file, 0, 1))).toBe(answer);
    expect(machine.answer(machine.fs.unlink("/swap", "step"))).toBe("EPERM");
    machine.fs.setSwapFile(file, false);
    expect(machine.answer(machine.fs.unlink("/swap", "step"))).toBe("ok");
  });
});
