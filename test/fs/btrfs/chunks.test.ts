import { describe, expect, it } from "vitest";
import { GIB, KIB, MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { decideStripeSize } from "../../../sim/fs/btrfs/chunk-allocator.ts";
import { devicesNeeded, roomForData } from "../../../sim/fs/btrfs/limits.ts";
import { profileNamed, reduceAllocProfile } from "../../../sim/fs/btrfs/profiles.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const stripe = (
  type: "data" | "metadata" | "system",
  total: number,
  profile = "single",
  devices = 1,
  hole = total,
): number => decideStripeSize({ type, total, hole, profile: profileNamed(profile), devices });

describe("a device stripe", () => {
  it.each([
    ["data on 5 GiB", stripe("data", 5 * GIB), 512 * MIB],
    ["data on 100 GiB", stripe("data", 100 * GIB), GIB],
    ["data on 20 GiB", stripe("data", 20 * GIB), GIB],
    ["data on 2 GiB", stripe("data", 2 * GIB), 218_103_808],
    ["data on 1 GiB", stripe("data", GIB), 112 * MIB],
    ["metadata on 40 GiB", stripe("metadata", 40 * GIB), 256 * MIB],
    ["metadata on 100 GiB", stripe("metadata", 100 * GIB), GIB],
    ["system on 2 GiB", stripe("system", 2 * GIB), 32 * MIB],
    ["data on two devices of 2 GiB", stripe("data", 4 * GIB), 416 * MIB],
    ["metadata on them", stripe("metadata", 4 * GIB), 256 * MIB],
    ["RAID0 data on two of 100 GiB", stripe("data", 200 * GIB, "raid0", 2), GIB],
    ["RAID10 data on four of 2 GiB, half of 10 %", stripe("data", 8 * GIB, "raid10", 4), 416 * MIB],
  ])("of %s has the length that 6.1 gives it", (_name, size, expected) => {
    expect(size).toBe(expected);
  });

  it("is cut to the hole it goes to, in steps of 64 KiB", () => {
    expect(stripe("data", 5 * GIB, "single", 1, 100 * MIB + 5 * KIB)).toBe(100 * MIB);
    expect(stripe("data", 5 * GIB, "dup", 1, 100 * MIB)).toBe(50 * MIB);
  });
});

describe("new chunks take the most redundant profile there is", () => {
  it.each([
    [["single", "dup"], 1, "dup"],
    [["single", "raid1"], 2, "raid1"],
    [["single", "raid1"], 1, "single"],
    [["raid0", "raid10"], 4, "raid10"],
    [["raid1", "raid1c4"], 3, "raid1"],
  ])("of %j on %i devices", (names, devices, expected) => {
    expect(reduceAllocProfile(new Set(names.map(profileNamed)), devices).name).toBe(expected);
  });
});

/** What mkfs.btrfs of btrfs-progs 6.2 made, read with dump-tree on real filesystems. */
describe("mkfs", () => {
  it("with DUP metadata on 8 GiB leaves the first 12 MiB free", () => {
    expect(new BtrfsMachine({ size: 8 * GIB }).chunks()).toEqual([
      "data 13631488+8388608 at 1:13631488",
      "system|dup 22020096+8388608 at 1:22020096 1:30408704",
      "metadata|dup 30408704+268435456 at 1:38797312 1:307232768",
    ]);
  });

  it("with DUP metadata on 2 GiB takes a tenth for its two copies", () => {
    expect(new BtrfsMachine({ size: 2 * GIB }).chunks().at(-1)).toBe(
      "metadata|dup 30408704+107347968 at 1:38797312 1:146145280",
    );
  });

  it("with single metadata uses the small chunks at the start", () => {
    expect(new BtrfsMachine({ size: 2 * GIB, mount: { metadata: "single" } }).chunks()).toEqual([
      "system 1048576+4194304 at 1:1048576",
      "metadata 5242880+8388608 at 1:5242880",
      "data 13631488+8388608 at 1:13631488",
    ]);
  });

  it("with RAID1 metadata on two devices of 10 GiB", () => {
    const machine = new BtrfsMachine({ sizes: [10 * GIB, 10 * GIB], mount: { metadata: "raid1" } });
    expect(machine.chunks()).toEqual([
      "data 13631488+8388608 at 1:13631488",
      "system|raid1 22020096+8388608 at 1:22020096 2:1048576",
      "metadata|raid1 30408704+268435456 at 1:30408704 2:9437184",
    ]);
  });

  it.each([
    ["raid1", 2, 107_347_968],
    ["raid0", 2, 2 * 107_347_968],
    ["raid1c3", 3, 107_347_968],
  ])("with %s data on devices of 1 GiB makes a chunk of a tenth", (data, count, length) => {
    const mount = { data, metadata: data === "raid1c3" ? "raid1c3" : "raid1" };
    const machine = new BtrfsMachine({ sizes: Array.from({ length: count }, () => GIB), mount });
    const chunk = machine.fs.chunks().find(({ flags }) => flags.startsWith("data"));
    expect(chunk?.length).toBe(length);
  });
});

/** Where files came to lie on real filesystems of the same sizes (Linux 6.1). */
describe("the allocator", () => {
  const logical = (machine: BtrfsMachine, path: string): readonly string[] =>
    machine.fs.fiemap(machine.fs.lookup(path)!).map(({ logical, length }) => `${logical}+${length / MIB}`);

  it("puts 512 MiB on 1 GiB in one run over five chunks of 112 MiB", () => {
    const machine = new BtrfsMachine({ size: GIB });
    machine.create("/sw", (512 * MIB) / PAGE_SIZE, { nocow: true, preallocated: true });
    expect(logical(machine, "/sw")).toEqual(["84082688+512"]);
  });

  it("spreads 700 MiB over two devices of 1 GiB, chunk by chunk", () => {
    const machine = new BtrfsMachine({ sizes: [GIB, GIB], mount: { metadata: "single" } });
    machine.create("/sw", (700 * MIB) / PAGE_SIZE, { nocow: true, preallocated: true });
    expect(logical(machine, "/sw")).toEqual([
      "88145920+128",
      "285278208+128",
      "458227712+128",
      "676331520+128",
      "894435328+188",
    ]);
    const data = machine.fs.chunks().filter(({ flags }) => flags === "data");
    const on = (devid: number): number[] =>
      data.filter(({ stripes }) => stripes[0]!.devid === devid).map(({ length }) => length / MIB);
    expect(on(1)).toEqual([8, 208, 208]);
    expect(on(2)).toEqual([208, 208, 208]);
    expect(machine.fs.check()).toEqual([]);
  });

  it("goes to the largest hole first, so to the part of a chunk behind the copy of the super block", () => {
    const machine = new BtrfsMachine({ size: 2 * GIB, mount: { metadata: "single" } });
    machine.create("/other", (40 * MIB) / PAGE_SIZE);
    expect(logical(machine, "/other")).toEqual(["67174400+40"]);
    machine.create("/sw", (384 * MIB) / PAGE_SIZE, { nocow: true, preallocated: true });
    expect(logical(machine, "/sw")).toEqual(["240123904+128", "458227712+128", "676331520+128"]);
  });
});

describe("a profile maps", () => {
  const place = (data: string, devices: number, offset: number): readonly string[] => {
    const machine = new BtrfsMachine({
      sizes: Array.from({ length: devices }, () => GIB),
      mount: { data, metadata: devices === 1 ? "dup" : "raid1" },
    });
    const file = machine.create("/file", 200, { nocow: true });
    const start = machine.fs.bmap(file, 0)!.block;
    const block = machine.fs.bmap(file, offset / (4 * KIB))!;
    machine.run(machine.fs.write(file, 0, 200));
    expect(machine.problems()).toEqual([]);
    return [block.device.name, `+${(block.block - start) * 4} KiB`];
  };

  it.each([
    ["RAID0 on two devices: element 3 lies in row 1 of the second", "raid0", 2, 200 * KIB, "vdb", 64 + 8],
    [
      "RAID10 on four devices: element 3 lies in row 1 of the second pair",
      "raid10",
      4,
      200 * KIB,
      "vdc",
      64 + 8,
    ],
    ["RAID1 on two devices: all of it in one run", "raid1", 2, 200 * KIB, "vda", 200],
  ] as const)("%s", (_name, data, devices, offset, device, kib) => {
    const [found, distance] = place(data, devices, offset);
    // Stripes of a chunk begin at other places on the second device; rows count from there.
    expect(found).toBe(device);
    if (device === "vda") expect(distance).toBe(`+${kib} KiB`);
  });

  it.each(["dup", "raid1", "raid1c3", "raid1c4", "raid10"])("%s writes every copy", (data) => {
    const sizes = Array.from({ length: data === "dup" ? 1 : 4 }, () => GIB);
    const machine = new BtrfsMachine({ sizes, mount: { data, metadata: data } });
    const file = machine.create("/file", 500, { extents: 7 });
    machine.run(machine.fs.write(file, 100, 300));
    machine.run(machine.fs.sync());
    machine.run(machine.fs.volume.balance({ type: "all" }, "step"));
    expect(machine.problems()).toEqual([]);
  });
});

describe("room for data on devices of several sizes", () => {
  it.each([
    ["single", [4, 1], 5],
    ["dup", [4], 2],
    ["raid0", [4, 4], 8],
    ["raid1", [4, 4], 4],
    ["raid1", [4, 1], 1],
    ["raid1", [4, 2, 2], 4],
    ["raid1c3", [4, 4, 1], 1],
    ["raid10", [2, 2, 2, 2], 4],
  ])("with %s on %j GiB is %i GiB", (data, sizes, room) => {
    const bytes = sizes.map((size) => size * GIB);
    expect(roomForData({ data, metadata: "single" }, bytes)).toBe(room * GIB);
  });

  it("needs as many devices as the profiles ask for", () => {
    expect(devicesNeeded({})).toBe(1);
    expect(devicesNeeded({ data: "single", metadata: "raid1c3" })).toBe(3);
  });
});

describe("the map of a device", () => {
  it.each(["single", "dup", "raid0", "raid1", "raid10"])("with %s covers it once, without gaps", (data) => {
    const sizes = data === "single" || data === "dup" ? [GIB] : [GIB, GIB, GIB, GIB];
    const machine = new BtrfsMachine({
      sizes,
      mount: { data, metadata: sizes.length > 1 ? "raid1" : "dup" },
    });
    const file = machine.create("/file", 3000, { extents: 50 });
    machine.run(machine.fs.write(file, 500, 900));
    for (const device of machine.devices) {
      let at = 0;
      const owned = new Set<string>();
      for (const { block, count, owner } of machine.fs.regions(device)) {
        expect(block).toBe(at);
        at += count;
        if (owner !== undefined) owned.add(machine.owners.get(owner).name);
      }
      expect(at).toBe(device.size);
      if (sizes.length === 1) expect(owned).toContain("/file");
    }
  });

  it("is redrawn when something changes", () => {
    const machine = new BtrfsMachine();
    const blocksOf = (name: string): number => {
      let sum = 0;
      for (const { count, owner } of machine.fs.regions(machine.device)) {
        if (owner !== undefined && machine.owners.get(owner).name === name) sum += count;
      }
      return sum;
    };
    machine.create("/a", 100);
    expect([blocksOf("/a"), blocksOf("/b")]).toEqual([100, 0]);
    machine.create("/b", 50);
    machine.run(machine.fs.unlink("/a", "step"));
    expect([blocksOf("/a"), blocksOf("/b")]).toEqual([0, 50]);
  });
});
