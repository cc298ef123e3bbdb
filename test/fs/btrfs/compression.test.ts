import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { directIoRefusal } from "../../../sim/swap/direct-io-refusal.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const compressing = (mount: Record<string, string | number | boolean> = {}): BtrfsMachine =>
  new BtrfsMachine({ mount: { compress: "zstd", ...mount } });
const used = (machine: BtrfsMachine): number => machine.fs.space().dataUsed / PAGE_SIZE;

/** An empty file, written so that what the mount says about compression holds for it. */
function written(machine: BtrfsMachine, path: string, blocks: number, nocow = false): FileHandle {
  const file = machine.create(path, 0, { nocow });
  expect(machine.run(machine.fs.write(file, 0, blocks))).toBeUndefined();
  return machine.fs.lookup(path)!;
}

describe("compressed data", () => {
  it("takes half the space in extents of 128 KiB, and reads back right", () => {
    const machine = compressing();
    const file = written(machine, "/a", 100);
    expect(machine.fs.extentsOf(file)).toBe(4);
    expect(used(machine)).toBe(16 + 16 + 16 + 2);
    expect(machine.run(machine.fs.read(file, 0, 100))).toBeUndefined();
    expect(machine.run(machine.fs.read(file, 40, 3))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["without the option", {}, false, 100],
    ["for a file without copy-on-write", { compress: "zlib" }, true, 100],
    ["if it would not get smaller", { compress: "lzo", compressedTo: 100 }, false, 100],
    ["with the option", { compress: "lzo", compressedTo: 25 }, false, 25],
    ["by force", { compress: "lzo", compressForce: true, compressedTo: 25 }, false, 25],
  ])("is made or not: %s", (_name, mount, nocow, blocks) => {
    const machine = new BtrfsMachine({ mount });
    written(machine, "/a", 100, nocow);
    expect(used(machine)).toBe(blocks);
    expect(machine.problems()).toEqual([]);
  });

  it("is not tried again once it was found incompressible, unless forced", () => {
    const time = (compressForce: boolean): number => {
      const machine = compressing({ compressedTo: 100, compressForce });
      const file = written(machine, "/a", 3200);
      const before = machine.engine.now;
      machine.run(machine.fs.write(file, 0, 3200));
      return machine.engine.now - before;
    };
    expect(time(false)).toBeLessThan(time(true));
  });

  it("follows the option that the filesystem was mounted with last", () => {
    const machine = new BtrfsMachine();
    const mounted = (option: string, nocow = false): number => {
      const before = used(machine);
      const mount = machine.run(machine.fs.mountOperations.setMountOption(option));
      expect(mount.errno).toBeUndefined();
      written(machine, `/${option} ${nocow}`, 32, nocow);
      return used(machine) - before;
    };
    expect(mounted("compress=zlib")).toBe(16);
    expect(mounted("compress=lzo", true)).toBe(32);
    expect(mounted("compress-force=zstd")).toBe(16);
    expect(mounted("nodatacow")).toBe(32);
    expect(mounted("compress=zstd")).toBe(16);
    expect(mounted("compress=no")).toBe(32);
    expect(machine.run(machine.fs.mountOperations.setMountOption("compress=gzip")).errno).toBe("EINVAL");
    expect(machine.problems()).toEqual([]);
  });

  it("follows chattr and the property, which exclude each other with +C", () => {
    const machine = new BtrfsMachine();
    const { fileOperations } = machine.fs;
    const file = machine.create("/a", 0);
    const rewrite = (): number => {
      machine.run(machine.fs.write(file, 0, 32));
      machine.run(machine.fs.sync());
      return used(machine);
    };
    expect(rewrite()).toBe(32);
    machine.run(fileOperations.chattr(file, "+c", "s"));
    expect(rewrite()).toBe(16);
    machine.run(fileOperations.chattr(file, "-c", "s"));
    expect(rewrite()).toBe(32);
    machine.run(fileOperations.setCompression(file, "zlib", "s"));
    expect(rewrite()).toBe(16);
    machine.run(fileOperations.setCompression(file, "none", "s"));
    expect(rewrite()).toBe(32);
    const nocow = machine.create("/nocow", 10, { nocow: true });
    expect(machine.answer(fileOperations.chattr(nocow, "+c", "s"))).toBe("EINVAL");
    expect(machine.answer(fileOperations.setCompression(nocow, "zstd", "s"))).toBe("EINVAL");
    expect(machine.problems()).toEqual([]);
  });

  it("keeps its whole extent as long as one block of it is in use", () => {
    const machine = compressing();
    const file = written(machine, "/a", 32);
    machine.run(machine.fs.write(file, 0, 31));
    machine.run(machine.fs.sync());
    expect(used(machine)).toBe(16 + 16);
    machine.run(machine.fs.write(file, 31, 1));
    machine.run(machine.fs.sync());
    expect(used(machine)).toBe(16 + 1);
    expect(machine.problems()).toEqual([]);
  });

  it("is shared by snapshots and clones, and moved by balance", () => {
    const machine = compressing();
    const file = written(machine, "/a", 320);
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", false, "s"));
    machine.run(machine.fs.reflink(file, "/clone", "s"));
    const before = machine.fs.bmap(file, 0)!.block;
    expect(used(machine)).toBe(160);
    expect(machine.answer(machine.fs.volume.balance({ type: "data" }, "s"))).toBe("ok");
    expect(machine.fs.bmap(file, 0)!.block).not.toBe(before);
    machine.run(machine.fs.write(file, 7, 50));
    expect(machine.run(machine.fs.read(machine.fs.lookup("/snap/a")!, 0, 320))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("is lost as a whole, with EIO, if one of its blocks is overwritten behind the filesystem's back", () => {
    const machine = compressing();
    const file = written(machine, "/a", 32);
    const { device, block } = machine.fs.bmap(file, 20)!;
    expect(machine.fs.holdersOf({ device, block: block + 3 })).toEqual([{ owner: file.owner, index: 0 }]);
    device.contents.write(block + 3, 999_999, 0, 0);
    expect(machine.run(machine.fs.read(file, 10, 1))).toBe("EIO");
    expect(machine.ledger.byClass().B).toBe(1);
  });

  it("is repaired from the other copy", () => {
    const machine = compressing({ data: "dup" });
    const file = written(machine, "/a", 32);
    const { device, block } = machine.fs.bmap(file, 0)!;
    device.contents.write(block + 3, 999_999, 0, 0);
    machine.run(machine.fs.volume.scrub("s"));
    expect(machine.run(machine.fs.read(file, 0, 32))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("comes from defrag too, which then takes every extent, and never from a file without copy-on-write", () => {
    const machine = new BtrfsMachine();
    const [cow, nocow] = [machine.create("/cow", 64), machine.create("/nocow", 64, { nocow: true })];
    machine.run(machine.fs.defragment(cow, 32 * 2 ** 20, "s", "zstd"));
    machine.run(machine.fs.defragment(nocow, 32 * 2 ** 20, "s", "zstd"));
    machine.run(machine.fs.sync());
    expect(used(machine)).toBe(32 + 64);
    // Full extents of 128 KiB cannot become longer: defrag has nothing to do.
    const places = machine.places(cow);
    machine.run(machine.fs.defragment(cow, 32 * 2 ** 20, "s"));
    expect(machine.places(cow)).toEqual(places);
    expect(machine.problems()).toEqual([]);
  });

  it("is not what a batch of swap_rw becomes, which is direct I/O", () => {
    const machine = compressing({ compressForce: true });
    const file = machine.create("/swap", 64);
    const contents = Array.from({ length: 32 }, (_, at) => ({
      generation: 1_000_000 + at,
      owner: file.owner,
      index: 16 + at,
    }));
    const range = { first: 16, pages: 32 };
    machine.run(machine.fs.swapRw(file, { operation: "write", ...range, contents }));
    // The old extent stays whole as long as a part of it is named.
    expect(used(machine)).toBe(64 + 32);
    expect(machine.run(machine.fs.swapRw(file, { operation: "read", ...range }))).toEqual(contents);
    expect(machine.problems()).toEqual([]);
  });

  it("cannot be read by direct I/O, whether a page or a batch of them", () => {
    const machine = compressing();
    const file = written(machine, "/a", 64);
    expect(machine.run(machine.fs.directRead(file, 40))).toBe("EIO");
    expect(machine.run(machine.fs.swapRw(file, { operation: "read", first: 40, pages: 8 }))).toBe("EIO");
  });

  it("survives a power loss", () => {
    const machine = new BtrfsMachine({
      model: "ssd-sata",
      trackDurability: true,
      mount: { compress: "lzo" },
    });
    const file = written(machine, "/a", 64);
    machine.create("/tiny", 0);
    machine.run(machine.fs.sync());
    machine.run(machine.fs.write(file, 10, 40));
    machine.engine.killAllBut(new Set());
    for (const device of machine.devices) device.powerLoss();
    machine.fs.recover();
    machine.fs.mount();
    expect(machine.fs.extentsOf(machine.fs.lookup("/a")!)).toBe(2);
    expect(machine.run(machine.fs.read(machine.fs.lookup("/a")!, 0, 64))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });
});

describe("the property of a directory", () => {
  /** Blocks on disk of 32 blocks that are written to a new file. */
  const usedBy = (machine: BtrfsMachine, path: string): number => {
    const before = used(machine);
    machine.run(machine.fs.fileOperations.create(path, false, "s"));
    machine.run(machine.fs.write(machine.fs.lookup(path)!, 0, 32));
    machine.run(machine.fs.sync());
    return used(machine) - before;
  };

  it("forbids what the mount asks for, and counts in snapshots and new subvolumes, also after a power loss", () => {
    const machine = new BtrfsMachine({ mount: { compress: "zstd" } });
    const { subvolumes } = machine.fs;
    machine.run(subvolumes.create("/sv", "s"));
    machine.run(subvolumes.setCompression("/sv", "none", "s"));
    machine.run(subvolumes.snapshot("/sv", "/snap", false, "s"));
    machine.run(subvolumes.create("/sv/inner", "s"));
    const counts = ["/file", "/sv/file", "/snap/file", "/sv/inner/file"].map((path) => usedBy(machine, path));
    expect(counts).toEqual([16, 32, 32, 32]);
    machine.fs.recover();
    expect(usedBy(machine, "/snap/later")).toBe(32);
    machine.run(subvolumes.setCompression("/sv", "", "s"));
    expect(usedBy(machine, "/sv/later")).toBe(16);
    expect(machine.problems()).toEqual([]);
  });

  it("names the method, whatever that of the mount is", () => {
    const times = ["zlib", "lzo"].map((method) => {
      const machine = new BtrfsMachine({ mount: { compress: "zstd" } });
      machine.run(machine.fs.subvolumes.setCompression("/", method, "s"));
      const begin = machine.engine.now;
      expect(usedBy(machine, "/file")).toBe(16);
      return machine.engine.now - begin;
    });
    expect(times[0]).toBeGreaterThan(times[1]!);
  });

  it.each([
    ["gives incompressible data another try", "zstd", false],
    ["is needed for that: the mount's option alone gives up", "", true],
  ])("%s", (_name, method, givesUp) => {
    const machine = new BtrfsMachine({ mount: { compress: "zstd", compressedTo: 100 } });
    machine.run(machine.fs.subvolumes.setCompression("/", method, "s"));
    expect(usedBy(machine, "/file")).toBe(32);
    const { chattr } = machine.fs.fileOperations;
    // Data that was found incompressible shows as +m.
    machine.run(machine.fs.fileOperations.truncate(machine.fs.lookup("/file")!, 0, "s"));
    const file = machine.fs.lookup("/file")!;
    machine.run(chattr(file, "-c", "s"));
    expect(machine.answer(chattr(file, "+C", "s"))).toBe(givesUp ? "EINVAL" : "ok");
  });
});

describe("swapon refuses", () => {
  const refusal = (machine: BtrfsMachine, path: string) => {
    const file = machine.fs.lookup(path)!;
    return machine.run(machine.fs.swapActivate(file, file.size));
  };

  it("a file with the compress flag, compressed or not", () => {
    for (const compressedTo of [50, 100]) {
      const machine = new BtrfsMachine({ mount: { compressedTo } });
      const file = machine.create("/a", 0);
      machine.run(machine.fs.fileOperations.chattr(file, "+c", "s"));
      machine.run(machine.fs.write(file, 0, 64));
      if (compressedTo === 100) machine.run(machine.fs.fileOperations.chattr(file, "+c", "s"));
      expect(refusal(machine, "/a")).toMatchObject({ errno: "EINVAL" });
      expect(machine.lines).toEqual(["BTRFS warning: swapfile must not be compressed"]);
    }
  });

  it("compressed extents whose flag was cleared, because the file is copy-on-write then", () => {
    const machine = compressing();
    written(machine, "/a", 64);
    refusal(machine, "/a");
    expect(machine.lines).toEqual(["BTRFS warning: swapfile must not be copy-on-write"]);
  });

  it("inline data", () => {
    const machine = new BtrfsMachine();
    machine.create("/a", 1000 / PAGE_SIZE, { nocow: true });
    expect(refusal(machine, "/a")).toEqual({ errno: "EINVAL", message: "swapfile must not be inline" });
  });

  it("under swap through the filesystem what is not there, inline or compressed", () => {
    const machine = compressing();
    const plain = written(machine, "/plain", 64, true);
    const compressed = written(machine, "/compressed", 64);
    const tail = written(machine, "/tail", 33);
    const inline = machine.create("/inline", 500 / PAGE_SIZE);
    const answer = (file: FileHandle, pages: number) => directIoRefusal(machine.fs, file, pages);
    expect(answer(plain, 64)).toBeUndefined();
    expect(answer(plain, 65)).toBe("swapfile must not have holes");
    expect(answer(compressed, 64)).toBe("swapfile must not be compressed");
    expect(answer(tail, 33)).toBe("swapfile must not be compressed");
    expect(answer(inline, 1)).toBe("swapfile must not be inline");
  });

  it("direct-io reads nothing from compressed blocks", () => {
    const machine = compressing();
    const file = written(machine, "/a", 64);
    expect(machine.run(machine.fs.directRead(file, 3))).toBe("EIO");
  });
});

describe("whatever is done to files some of which are compressed", () => {
  const operation = fc.record({
    kind: fc.constantFrom(
      "write",
      "write",
      "truncate",
      "punch",
      "copy",
      "clone",
      "defrag",
      "squeeze",
      "chattr",
      "balance",
      "snapshot",
      "sync",
    ),
    file: fc.integer({ min: 0, max: 3 }),
    first: fc.integer({ min: 0, max: 150 }),
    count: fc.integer({ min: 1, max: 90 }),
  });

  it("every block reads back as it was written, and a recount agrees", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 4, maxLength: 20 }), (operations) => {
        const machine = compressing();
        const paths = ["/a", "/b", "/c", "/tiny"];
        machine.create("/a", 200);
        machine.create("/b", 0);
        machine.create("/c", 100, { nocow: true });
        machine.create("/tiny", 700 / PAGE_SIZE);
        const { fs } = machine;
        const handle = (number: number) => fs.lookup(paths[number % paths.length]!)!;
        const range = (first: number, count: number) => ({
          from: first * PAGE_SIZE,
          to: (first + count) * PAGE_SIZE,
        });
        for (const [number, { kind, file, first, count }] of operations.entries()) {
          const target = handle(file);
          const other = handle(file + 1 + (first % 3));
          if (kind === "write") machine.run(fs.write(target, first, count));
          else if (kind === "truncate")
            machine.run(fs.fileOperations.truncate(target, first * PAGE_SIZE, "s"));
          else if (kind === "punch")
            machine.run(fs.fileOperations.fallocate(target, "punch-hole", range(first, count), "s"));
          else if (kind === "copy")
            machine.run(fs.fileOperations.copyRange(target, other, range(first, count), "s"));
          else if (kind === "clone") machine.run(fs.reflink(target, `/clone-${number}`, "s"));
          else if (kind === "defrag") machine.run(fs.defragment(target, 2 ** 25, "s"));
          else if (kind === "squeeze") machine.run(fs.defragment(target, 2 ** 25, "s", "zlib"));
          else if (kind === "chattr")
            machine.run(fs.fileOperations.chattr(target, first % 2 ? "+m" : "+c", "s"));
          else if (kind === "balance") machine.run(fs.volume.balance({ type: "data" }, "s"));
          else if (kind === "snapshot")
            machine.run(fs.subvolumes.snapshot("/", `/snap-${number}`, false, "s"));
          else machine.run(fs.sync());
          expect(machine.run(fs.read(target, 0, target.size))).toBeUndefined();
        }
        expect(machine.problems()).toEqual([]);
        expect(fs.checkReservations()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
