import { describe, expect, it } from "vitest";
import type { Actor } from "../../../sim/engine/index.ts";
import { MILLISECOND, SECOND } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** A subvolume with a NOCOW swap file and as many small files as asked for beside it. */
function withSwapFile(neighbours: number, options: ConstructorParameters<typeof BtrfsMachine>[0] = {}) {
  const machine = new BtrfsMachine(options);
  machine.run(machine.fs.subvolumes.create("/sv", "step"));
  const swap = machine.create("/sv/swap", 1000, { nocow: true });
  for (let file = 0; file < neighbours; file++) machine.create(`/sv/small-${file}`, 1);
  const snapshot = (): string => machine.answer(machine.fs.subvolumes.snapshot("/sv", "/snap", true, "step"));
  const swapon = (): string => {
    const { errno } = machine.run(machine.fs.swapActivate(swap, 1000));
    return errno ?? "ok";
  };
  return { machine, swap, snapshot, swapon };
}

describe("a snapshot", () => {
  it("of a tree of one leaf gives every extent a second reference at once: swapon refuses", () => {
    const { snapshot, swapon } = withSwapFile(0);
    expect(snapshot()).toBe("ok");
    expect(swapon()).toBe("EINVAL");
  });

  it("leaves out a file that has lost its name and waits for its end", () => {
    const { machine, snapshot } = withSwapFile(0, { mount: { deferredFree: SECOND } });
    machine.create("/sv/gone", 100);
    machine.start(machine.fs.unlink("/sv/gone", "step"));
    machine.engine.run(MILLISECOND);
    expect(machine.fs.lookup("/sv/gone")).toBeUndefined();
    expect(machine.fs.files()).toHaveLength(2);
    expect(snapshot()).toBe("ok");
    expect(machine.fs.files().map(({ path }) => path)).toEqual(["/sv/swap", "/snap/swap"]);
    expect(machine.problems()).toEqual([]);
  });

  it("of a tree of several leaves shares the leaves, and swapon does not see it (KB-38)", () => {
    const { machine, swap, snapshot, swapon } = withSwapFile(400);
    expect(snapshot()).toBe("ok");
    expect(swapon()).toBe("ok");
    expect(machine.fs.check()).toEqual([]);
    const copy = machine.fs.lookup("/snap/swap")!;
    expect(machine.fs.bmap(copy, 7)).toEqual(machine.fs.bmap(swap, 7));
    // Swap writes past the filesystem; the block belongs to the read-only snapshot as well.
    const place = machine.fs.bmap(swap, 7)!;
    expect(machine.fs.holdersOf(place).map(({ owner }) => machine.owners.get(owner).name)).toEqual([
      "/sv/swap",
      "/snap/swap",
    ]);
    place.device.contents.write(place.block, 5_000_000, swap.owner, 7);
    machine.oracle.wroteRaw(swap.owner, place, { generation: 5_000_000, owner: swap.owner, index: 7 }, 7);
    expect(machine.ledger.byClass().F).toBe(1);
  });

  it.each([
    ["after the leaf was copied by a touch of the swap file", 400, {}],
    ["with the fix that walks the leaves", 400, { faults: ["shareTestWalksLeaves"] }],
    ["by the rules of 6.18", 400, { kernel: "linux-6.18" }],
    ["by the rules of 5.0, which ask for the generation", 400, { kernel: "linux-5.0" }],
  ] as const)("of several leaves is seen %s", (name, neighbours, options) => {
    const { machine, swap, snapshot, swapon } = withSwapFile(neighbours, options);
    snapshot();
    if (name.includes("touch")) machine.run(machine.fs.write(swap, 0, 1));
    expect(swapon()).toBe("EINVAL");
    expect(machine.fs.check()).toEqual([]);
  });

  it("can be writable, and then each side keeps its own writes", () => {
    const machine = new BtrfsMachine();
    for (let file = 0; file < 300; file++) machine.create(`/small-${file}`, 2);
    machine.run(machine.fs.subvolumes.snapshot("/", "/copy", false, "step"));
    for (const path of ["/small-7", "/copy/small-7", "/copy/small-250", "/small-100"]) {
      machine.run(machine.fs.write(machine.fs.lookup(path)!, 1, 1));
    }
    expect(machine.problems()).toEqual([]);
  });

  it("of a snapshot shares with both, and everything is freed when all are gone", () => {
    const machine = new BtrfsMachine();
    for (let file = 0; file < 300; file++) machine.create(`/small-${file}`, 2);
    const empty = machine.fs.space().dataUsed;
    for (const [from, to] of [
      ["/", "/one"],
      ["/one", "/two"],
      ["/two", "/three"],
    ] as const) {
      machine.run(machine.fs.subvolumes.snapshot(from, to, false, "step"));
      machine.run(machine.fs.write(machine.fs.lookup(`${to}/small-9`)!, 0, 2));
      expect(machine.problems()).toEqual([]);
    }
    for (const path of ["/two", "/one", "/three"]) {
      expect(machine.answer(machine.fs.subvolumes.delete(path, "step"))).toBe("ok");
      machine.wait(61 * SECOND);
      expect(machine.problems()).toEqual([]);
    }
    expect(machine.fs.space().dataUsed).toBe(empty);
  });
});

describe("deleting a subvolume", () => {
  it("takes the name at once and the space after the commit and the cleaner", () => {
    const machine = new BtrfsMachine();
    machine.run(machine.fs.subvolumes.create("/sv", "step"));
    machine.create("/sv/file", 500);
    const used = machine.fs.space().dataUsed;
    expect(machine.answer(machine.fs.subvolumes.delete("/sv", "step"))).toBe("ok");
    expect(machine.fs.lookup("/sv/file")).toBeUndefined();
    expect(machine.fs.space().dataUsed).toBe(used);
    machine.wait(61 * SECOND);
    expect(machine.fs.space().dataUsed).toBe(0);
    expect(machine.problems()).toEqual([]);
  });

  it("of the origin leaves the snapshot whole, with references that count for its shared leaves", () => {
    const { machine, snapshot } = withSwapFile(400);
    snapshot();
    machine.run(machine.fs.subvolumes.delete("/sv", "step"));
    machine.wait(61 * SECOND);
    expect(machine.problems()).toEqual([]);
    // What is left counts for the shared leaf and not for this subvolume: swapon would call it shared.
    const copy = machine.fs.lookup("/snap/swap")!;
    expect(machine.run(machine.fs.swapActivate(copy, 1000)).errno).toBe("EINVAL");
  });

  it.each([
    ["/none", "ENOENT"],
    ["/", "EPERM"],
    ["/sv", "ENOTEMPTY"],
  ])("%s is %s", (path, errno) => {
    const machine = new BtrfsMachine();
    machine.run(machine.fs.subvolumes.create("/sv", "step"));
    machine.run(machine.fs.subvolumes.create("/sv/inner", "step"));
    expect(machine.answer(machine.fs.subvolumes.delete(path, "step"))).toBe(errno);
  });

  it("is EPERM while a swap file in it is active, and names the parent", () => {
    const { machine, swapon } = withSwapFile(0);
    swapon();
    expect(machine.answer(machine.fs.subvolumes.delete("/sv", "step"))).toBe("EPERM");
    expect(machine.lines.join()).toContain("attempt to delete subvolume 5 with active swapfile");
  });

  it("makes a swap file acceptable again once the snapshot is cleaned, and not before", () => {
    const { machine, snapshot, swapon } = withSwapFile(0);
    snapshot();
    machine.run(machine.fs.subvolumes.delete("/snap", "step"));
    expect(swapon()).toBe("EINVAL");
    machine.wait(61 * SECOND);
    expect(swapon()).toBe("ok");
  });

  it("does not do that on 5.0, where the generation decides", () => {
    const { machine, snapshot, swapon } = withSwapFile(0, { kernel: "linux-5.0" });
    snapshot();
    machine.run(machine.fs.subvolumes.delete("/snap", "step"));
    machine.wait(61 * SECOND);
    expect(swapon()).toBe("EINVAL");
  });
});

describe("a read-only subvolume", () => {
  it("takes no subvolume into it and lets none go", () => {
    const machine = new BtrfsMachine();
    const { subvolumes } = machine.fs;
    machine.run(subvolumes.create("/sv", "step"));
    machine.run(subvolumes.create("/sv/inner", "step"));
    machine.run(subvolumes.setReadOnly("/sv", true, "step"));
    const answers = (): readonly string[] => [
      machine.answer(subvolumes.create("/sv/new", "step")),
      machine.answer(subvolumes.snapshot("/", "/sv/snap", false, "step")),
      machine.answer(subvolumes.delete("/sv/inner", "step")),
    ];
    expect(answers()).toEqual(["EROFS", "EROFS", "EROFS"]);
    expect(machine.answer(subvolumes.snapshot("/sv", "/outside", false, "step"))).toBe("ok");
    machine.run(subvolumes.setReadOnly("/sv", false, "step"));
    expect(answers()).toEqual(["ok", "ok", "ok"]);
  });

  it("refuses every change, and takes them again when it is writable", () => {
    const machine = new BtrfsMachine();
    machine.run(machine.fs.subvolumes.create("/sv", "step"));
    const file = machine.create("/sv/file", 5);
    machine.run(machine.fs.subvolumes.setReadOnly("/sv", true, "step"));
    expect(machine.run(machine.fs.write(file, 0, 1))).toBe("EROFS");
    const { truncate, chattr } = machine.fs.fileOperations;
    for (const operation of [
      truncate(file, 0, "step"),
      chattr(file, "+i", "step"),
      machine.fs.unlink("/sv/file", "step"),
    ] as readonly Actor<{ errno?: string }>[]) {
      expect(machine.run(operation).errno).toBe("EROFS");
    }
    machine.run(machine.fs.subvolumes.setReadOnly("/sv", false, "step"));
    expect(machine.run(machine.fs.write(file, 0, 1))).toBeUndefined();
  });
});
