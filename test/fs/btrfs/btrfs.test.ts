import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Actor,
  delay,
  MIB,
  MILLISECOND,
  PAGE_SIZE,
  type ParameterValues,
  SECOND,
} from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const THRESHOLD = 32 * MIB;
/** The leaf of the last commit, of which the running transaction has made a copy. */
const LEAF = 16 * 1024;

describe("a write", () => {
  it("goes in place in a NOCOW file and elsewhere in a COW file", () => {
    const machine = new BtrfsMachine();
    const [inPlace, copied] = [machine.create("/nocow", 8, { nocow: true }), machine.create("/cow", 8)];
    const before = [machine.places(inPlace), machine.places(copied)];
    machine.run(machine.fs.write(inPlace, 2, 3));
    machine.run(machine.fs.write(copied, 2, 3));
    expect(machine.places(inPlace)).toEqual(before[0]);
    const moved = machine.places(copied).map((place, block) => place !== before[1]![block]);
    expect(moved).toEqual([false, false, true, true, true, false, false, false]);
    expect(machine.problems()).toEqual([]);
  });

  it("fills preallocated blocks in place and joins the pieces again", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/swap", 64, { nocow: true, preallocated: true });
    for (const block of [3, 5, 4]) machine.run(machine.fs.write(file, block, 1));
    expect(machine.fs.extentsOf(file)).toBe(3);
    machine.run(machine.fs.write(file, 0, 64));
    expect(machine.fs.extentsOf(file)).toBe(1);
    expect(machine.problems()).toEqual([]);
  });

  it("to a NOCOW file goes elsewhere once after a snapshot, and in place again after that", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/nocow", 4, { nocow: true });
    const [before] = machine.places(file);
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "step"));
    machine.run(machine.fs.write(file, 0, 1));
    const [after] = machine.places(file);
    expect(after).not.toBe(before);
    machine.run(machine.fs.write(file, 0, 1));
    expect(machine.places(file)[0]).toBe(after);
    expect(machine.places(machine.fs.lookup("/snap/nocow")!)[0]).toBe(before);
    expect(machine.problems()).toEqual([]);
  });

  it("keeps a whole extent allocated until the last block of it is overwritten", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/cow", 100);
    const used = (): number => machine.fs.space().dataUsed / PAGE_SIZE;
    for (let block = 0; block < 99; block++) machine.run(machine.fs.write(file, block, 1));
    machine.run(machine.fs.sync());
    expect(used()).toBe(199);
    machine.run(machine.fs.write(file, 99, 1));
    expect(used()).toBe(100);
  });

  it("is refused on a full filesystem, and succeeds after a commit if that frees enough", () => {
    const machine = new BtrfsMachine();
    const filler = machine.create("/filler", 330 * 256);
    let errno: string | undefined;
    let blocks = 0;
    // No extent is overwritten from end to end, so none is freed.
    for (; errno === undefined && blocks < 330 * 256; blocks += 256) {
      if (blocks % 2048 !== 0) errno = machine.run(machine.fs.write(filler, blocks, 256));
    }
    expect(errno).toBe("ENOSPC");
    expect(machine.run(machine.fs.unlink("/filler", "step")).errno).toBeUndefined();
    const small = machine.create.bind(machine);
    expect(() => small("/next", 300 * 256)).toThrow("ENOSPC");
    // The periodic commit frees the extents, the cleaner removes their chunks, the next commit lets their space go.
    machine.wait(31 * SECOND);
    machine.run(machine.fs.sync());
    expect(small("/next", 300 * 256).size).toBe(300 * 256);
  });
});

describe("freed space", () => {
  const reuse = (faults: readonly string[]) => {
    const machine = new BtrfsMachine({ faults });
    machine.create("/old", 1000);
    const place = machine.fs.bmap(machine.fs.lookup("/old")!, 0)!;
    machine.run(machine.fs.unlink("/old", "step"));
    const pinned = machine.fs.space().pinned;
    machine.run(machine.fs.sync());
    return { pinned, after: machine.fs.space().pinned, holders: machine.fs.holdersOf(place) };
  };

  it("is pinned until the commit that ends the transaction, and free after it", () => {
    expect(reuse([])).toEqual({ pinned: 1000 * PAGE_SIZE + LEAF, after: 0, holders: [] });
  });

  it("is free at once when that rule is broken on purpose", () => {
    expect(reuse(["reuseBeforeCommit"]).pinned).toBe(0);
  });

  it("is committed after 30 s by itself", () => {
    const machine = new BtrfsMachine();
    machine.create("/old", 10);
    machine.run(machine.fs.unlink("/old", "step"));
    const wait = function* (duration: number): Actor {
      yield delay("wait", duration);
    };
    machine.run(wait(29 * SECOND));
    expect(machine.fs.space().pinned).toBeGreaterThan(0);
    machine.run(wait(2 * SECOND));
    expect(machine.fs.space().pinned).toBe(0);
  });
});

describe("balance", () => {
  it("moves every extent, keeps the contents and frees the chunk", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/db", 2000, { extents: 7 });
    const before = machine.places(file);
    const result = machine.run(machine.fs.volume.balance({ type: "data" }, "step"));
    expect(result).toMatchObject({ errno: undefined, skipped: [] });
    expect(machine.places(file).some((place) => before.includes(place))).toBe(false);
    expect(machine.relocations.every(({ how }) => how === "moved")).toBe(true);
    expect(machine.problems()).toEqual([]);
  });

  it("skips a group with an active swap file, says so, and returns success", () => {
    const machine = new BtrfsMachine();
    const swap = machine.create("/swap", 1000, { nocow: true, preallocated: true });
    const before = machine.places(swap);
    expect(machine.run(machine.fs.swapActivate(swap, 1000)).errno).toBeUndefined();
    const result = machine.run(machine.fs.volume.balance({ type: "data" }, "step"));
    expect(result.errno).toBeUndefined();
    expect(result.skipped).toEqual([
      { what: expect.stringMatching(/^block group \d+$/), reason: "active swapfile" },
    ]);
    expect(machine.lines.join()).toContain("due to active swapfile");
    expect(machine.places(swap)).toEqual(before);
    expect(machine.relocations).toEqual([{ file: "/swap", how: "skipped", reason: "active swapfile" }]);
  });

  it("moves it after swapoff", () => {
    const machine = new BtrfsMachine();
    const swap = machine.create("/swap", 1000, { nocow: true, preallocated: true });
    machine.run(machine.fs.swapActivate(swap, 1000));
    machine.fs.swapDeactivate(swap);
    expect(machine.run(machine.fs.volume.balance({ type: "data" }, "step")).skipped).toEqual([]);
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["usage at the group's own share", { usage: 100 }, 1],
    ["usage below it", { usage: 3 }, 0],
    ["a range that meets no group", { vrange: { from: 0, to: 4096 } }, 0],
    ["a limit of one", { limit: 1 }, 1],
  ] as const)("chooses by %s", (_name, filters, relocated) => {
    const machine = new BtrfsMachine();
    machine.create("/db", 1000);
    const result = machine.run(machine.fs.volume.balance({ type: "data", ...filters }, "step"));
    expect(result.achieved).toContain(`relocated ${relocated} of`);
  });

  it("waits for an in-place write that was decided on before it began", () => {
    const machine = new BtrfsMachine({ model: "ssd-sata-slow" });
    const file = machine.create("/nocow", 10, { nocow: true });
    // The read of ten blocks is faster than the write of one: without waiting it would copy the old bytes.
    machine.start(machine.fs.write(file, 9, 1));
    machine.run(machine.fs.volume.balance({ type: "data" }, "step"));
    expect(machine.relocations).toHaveLength(1);
    expect(machine.problems()).toEqual([]);
  });

  it("sends in-place writes elsewhere while it copies", () => {
    const machine = new BtrfsMachine({ model: "ssd-sata-slow" });
    const file = machine.create("/nocow", 12_000, { nocow: true });
    const [before] = machine.places(file);
    machine.start(
      (function* (): Actor {
        yield delay("until the first blocks are copied", 30 * MILLISECOND);
        yield* machine.fs.write(file, 0, 4);
        expect(machine.fs.bmap(file, 0)?.block).not.toBe(before);
      })(),
    );
    machine.run(machine.fs.volume.balance({ type: "data" }, "step"));
    expect(machine.problems()).toEqual([]);
  });

  it("loses no write that happens meanwhile, in place or not", () => {
    const machine = new BtrfsMachine({ model: "ssd-sata-slow" });
    const files = [
      machine.create("/nocow", 3000, { nocow: true }),
      machine.create("/cow", 3000, { extents: 9 }),
    ];
    const writer = function* (file: (typeof files)[number], stride: number): Actor {
      for (let round = 0; round < 400; round++) {
        yield* machine.fs.write(file, (round * stride) % 2990, 1 + (round % 9));
        if (round % 7 === 0) yield* machine.fs.read(file, (round * stride) % 2990, 3);
      }
    };
    for (const [index, file] of files.entries()) {
      machine.start(writer(file, 37 + index));
      machine.start(writer(file, 1013 + index));
    }
    machine.run(machine.fs.volume.balance({ type: "all" }, "step"));
    machine.run(machine.fs.sync());
    expect(machine.problems()).toEqual([]);
  });
});

describe("a snapshot", () => {
  it("keeps what it saw, whatever is written to the origin", () => {
    const machine = new BtrfsMachine();
    const files = [machine.create("/cow", 50), machine.create("/nocow", 50, { nocow: true })];
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "step"));
    for (const file of files) machine.run(machine.fs.write(file, 10, 30));
    machine.run(machine.fs.volume.balance({ type: "data" }, "step"));
    expect(machine.problems()).toEqual([]);
  });

  it("is refused while a pinned swap file is active in its subvolume", () => {
    const machine = new BtrfsMachine();
    const swap = machine.create("/swap", 100, { nocow: true });
    machine.run(machine.fs.swapActivate(swap, 100));
    expect(machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "step")).errno).toBe("ETXTBSY");
    machine.fs.swapDeactivate(swap);
    expect(machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "step")).errno).toBeUndefined();
  });

  it("cannot be written", () => {
    const machine = new BtrfsMachine();
    machine.create("/cow", 5);
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "step"));
    expect(machine.run(machine.fs.write(machine.fs.lookup("/snap/cow")!, 0, 1))).toBe("EROFS");
  });
});

describe("activation of a swap file", () => {
  const activate = (prepare: (machine: BtrfsMachine) => void, mount: ParameterValues = {}): string => {
    const machine = new BtrfsMachine({ mount });
    prepare(machine);
    const swap = machine.fs.lookup("/swap")!;
    const result = machine.run(machine.fs.swapActivate(swap, swap.size));
    return result.errno === undefined ? "ok" : `${result.errno}: ${result.message}`;
  };
  const nocow = (machine: BtrfsMachine): FileHandle => machine.create("/swap", 100, { nocow: true });

  const cases: readonly (readonly [
    name: string,
    prepare: (m: BtrfsMachine) => void,
    mount: ParameterValues,
    answer: string,
  ])[] = [
    ["a NOCOW file", (m: BtrfsMachine) => void nocow(m), {}, "ok"],
    [
      "a preallocated one",
      (m: BtrfsMachine) => void m.create("/swap", 100, { nocow: true, preallocated: true }),
      {},
      "ok",
    ],
    [
      "a COW file",
      (m: BtrfsMachine) => void m.create("/swap", 100),
      {},
      "EINVAL: swapfile must not be copy-on-write",
    ],
    [
      "a shared extent",
      (m: BtrfsMachine) => {
        m.run(m.fs.reflink(nocow(m), "/clone", "step"));
      },
      {},
      "EINVAL: swapfile must not be copy-on-write",
    ],
    [
      "a file whose only clone is gone",
      (m: BtrfsMachine) => {
        m.run(m.fs.reflink(nocow(m), "/clone", "step"));
        m.run(m.fs.unlink("/clone", "step"));
      },
      {},
      "ok",
    ],
    [
      "a DUP data profile",
      (m: BtrfsMachine) => void nocow(m),
      { data: "dup" },
      "EINVAL: swapfile must have single data profile",
    ],
    [
      "a running balance",
      (m: BtrfsMachine) => {
        nocow(m);
        m.create("/other", 20_000, { extents: 50 });
        m.start(m.fs.volume.balance({ type: "data" }, "step"));
      },
      {},
      "EBUSY: cannot activate swapfile while exclusive operation is running",
    ],
  ];

  it.each(cases)("with %s", (_name, prepare, mount, expected) => {
    expect(activate(prepare, mount)).toBe(expected);
  });

  it("joins extents that are neighbours on the device and uses no more pages than asked for", () => {
    const machine = new BtrfsMachine();
    const swap = machine.create("/swap", 100, { nocow: true, preallocated: true });
    machine.run(machine.fs.write(swap, 40, 5));
    const result = machine.run(machine.fs.swapActivate(swap, 60));
    if (result.errno !== undefined) throw new Error(result.message);
    expect(result.extents.reduce((sum, { count }) => sum + count, 0)).toBe(60);
    expect(machine.fs.check()).toEqual([]);
  });
});

describe("checksums", () => {
  it("turn foreign bytes into EIO in a COW file, and not in a NOCOW file", () => {
    const machine = new BtrfsMachine();
    const files = [machine.create("/cow", 10), machine.create("/nocow", 10, { nocow: true })];
    for (const file of files) machine.device.contents.write(machine.fs.bmap(file, 3)!.block, 4_000_000, 0, 0);
    expect(files.map((file) => machine.run(machine.fs.read(file, 0, 10)))).toEqual(["EIO", undefined]);
    expect(machine.ledger.byClass().B).toBe(2);
  });
});

describe("trim", () => {
  it("discards free space and nothing else", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/db", 500, { extents: 5 });
    machine.create("/old", 500);
    const place = machine.fs.bmap(machine.fs.lookup("/old")!, 0)!;
    machine.run(machine.fs.unlink("/old", "step"));
    machine.run(machine.fs.trim("step"));
    expect(machine.device.contents.generationAt(place.block)).toBeGreaterThan(0);
    machine.run(machine.fs.sync());
    machine.run(machine.fs.trim("step"));
    expect(machine.device.contents.generationAt(place.block)).toBe(0);
    machine.run(machine.fs.read(file, 0, 500));
    expect(machine.problems()).toEqual([]);
  });
});

describe("any sequence of operations", () => {
  it("keeps contents and books right", () => {
    const operation = fc.record({
      kind: fc.constantFrom(
        "write",
        "write",
        "write",
        "direct",
        "defrag",
        "balance",
        "snapshot",
        "reflink",
        "unlink",
        "sync",
        "trim",
      ),
      file: fc.integer({ min: 0, max: 2 }),
      first: fc.integer({ min: 0, max: 299 }),
      count: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 1, maxLength: 14 }),
        fc.boolean(),
        (operations, together) => {
          const machine = new BtrfsMachine({ model: "nvme-consumer" });
          const { fs } = machine;
          const files = [
            machine.create("/a", 300, { extents: 6 }),
            machine.create("/b", 300, { nocow: true, extents: 3 }),
            machine.create("/c", 300, { nocow: true, preallocated: true }),
          ];
          let clones = 0;
          const act = function* ({ kind, file, first, count }: (typeof operations)[number]): Actor {
            const target = files[file]!;
            if (kind === "write") yield* fs.write(target, first, Math.min(count, 300 - first));
            else if (kind === "direct" && fs.lookup(target.path))
              yield* fs.directWrite(target, first, { generation: 1_000_000 + first, owner: 0, index: first });
            else if (kind === "defrag" && fs.lookup(target.path))
              yield* fs.defragment(target, THRESHOLD, "step");
            else if (kind === "balance")
              yield* fs.volume.balance({ type: first % 2 ? "all" : "data" }, "step");
            else if (kind === "snapshot")
              yield* fs.subvolumes.snapshot("/", `/snap${clones++}`, true, "step");
            else if (kind === "reflink" && fs.lookup(target.path))
              yield* fs.reflink(target, `/clone${clones++}`, "step");
            else if (kind === "unlink") yield* fs.unlink(`/clone${first % 5}`, "step");
            else if (kind === "sync") yield* fs.sync();
            else if (kind === "trim") yield* fs.trim("step");
          };
          if (together) for (const each of operations) machine.start(act(each));
          else for (const each of operations) machine.run(act(each));
          machine.run(fs.sync());
          expect(machine.problems()).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the filesystem check", () => {
  it("finds a reference too many and space counted twice", () => {
    const machine = new BtrfsMachine();
    const file = machine.create("/db", 10) as unknown as {
      itemAt(block: number): { extent: { refs: Set<unknown> } };
    };
    file.itemAt(0).extent.refs.add({ inode: file });
    expect(machine.fs.check().join()).toContain("back references");
  });
});
