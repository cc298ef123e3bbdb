import { describe, expect, it } from "vitest";
import { GIB, MIB, PAGE_SIZE, SECOND } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** What a real Linux 6.1 did with filesystems of the same devices, profiles and files (chunk trees and kernel lines). */

const blocks = (bytes: number): number => bytes / PAGE_SIZE;

/** "relocate 5242880" or "skip 240123904", in the order of the kernel's lines. */
function course(machine: BtrfsMachine): readonly string[] {
  return machine.lines.flatMap((line) => {
    const [, verb, group] =
      /(relocating|skipping relocation of|could not shrink) block group (\d+)/.exec(line) ?? [];
    return group === undefined ? [] : [`${verb === "relocating" ? "relocate" : "skip"} ${group}`];
  });
}

function prealloc(machine: BtrfsMachine, path: string, size: number) {
  return machine.create(path, blocks(size), { nocow: true, preallocated: true });
}

function swapon(machine: BtrfsMachine, path: string): void {
  const file = machine.fs.lookup(path)!;
  const result = machine.run(machine.fs.swapActivate(file, file.size));
  expect(result.errno).toBeUndefined();
}

describe("8 GiB with a swap file of 512 MiB between two files", () => {
  const machine = new BtrfsMachine({ size: 8 * GIB });
  machine.create("/f1", blocks(157_286_400));
  prealloc(machine, "/swapfile", 512 * MIB);
  machine.create("/f2", blocks(104_857_600));
  machine.create("/text", blocks(1_617_920));
  const before = machine.chunks();
  const used = machine.fs.chunks().flatMap(({ flags, used: bytes }) => (flags === "data" ? [bytes] : []));
  swapon(machine, "/swapfile");
  const result = machine.run(machine.fs.volume.balance({ type: "all" }, "step"));

  it("lies in these chunks", () => {
    expect(before).toEqual([
      "data 13631488+8388608 at 1:13631488",
      "system|dup 22020096+8388608 at 1:22020096 1:30408704",
      "metadata|dup 30408704+268435456 at 1:38797312 1:307232768",
      "data 298844160+872415232 at 1:575668224",
    ]);
    expect(used).toEqual([1_617_920, 799_014_912]);
  });

  it("loses three of four chunks to a full balance, which skips the one with the swap file", () => {
    expect(course(machine)).toEqual([
      "skip 298844160",
      "relocate 30408704",
      "relocate 22020096",
      "relocate 13631488",
    ]);
    expect(result).toMatchObject({
      errno: undefined,
      achieved: expect.stringContaining("relocated 3 of 4 chunks"),
    });
  });

  it("has its new chunks where the kernel put them, and the moved data in the skipped group", () => {
    expect(machine.chunks()).toEqual([
      "data 298844160+872415232 at 1:575668224",
      "metadata|dup 1171259392+268435456 at 1:1448083456 1:1716518912",
      "system|dup 1439694848+33554432 at 1:1984954368 1:2018508800",
    ]);
    expect(machine.fs.chunks()[0]?.used).toBe(800_632_832);
  });
});

describe("two devices of 6 GiB with RAID1 metadata", () => {
  const machine = new BtrfsMachine({ sizes: [6 * GIB, 6 * GIB], mount: { metadata: "raid1" } });
  machine.create("/f1", blocks(524_288_000));
  prealloc(machine, "/swapfile", 512 * MIB);
  machine.create("/f2", blocks(943_718_400));
  machine.create("/db", blocks(134_217_728));
  machine.create("/f3", blocks(734_003_200));
  // Half a minute later the cleaner has deleted the empty chunk of mkfs.
  machine.wait(31 * SECOND);
  const before = machine.chunks();
  swapon(machine, "/swapfile");
  machine.run(machine.fs.volume.balance({ type: "all" }, "step"));
  const after = machine.chunks();

  it("spread their data chunks over both", () => {
    expect(before).toEqual([
      "system|raid1 22020096+8388608 at 1:22020096 2:1048576",
      "metadata|raid1 30408704+268435456 at 1:30408704 2:9437184",
      "data 298844160+1073741824 at 2:277872640",
      "data 1372585984+1073741824 at 1:298844160",
      "data 2446327808+1073741824 at 2:1351614464",
    ]);
  });

  it("move all but the chunk with the swap file", () => {
    expect(course(machine)).toEqual([
      "relocate 2446327808",
      "relocate 1372585984",
      "skip 298844160",
      "relocate 30408704",
      "relocate 22020096",
    ]);
  });

  it("have their new chunks where the kernel put them", () => {
    expect(after).toEqual([
      "data 298844160+1073741824 at 2:277872640",
      "data 3520069632+1073741824 at 1:1372585984",
      "data 4593811456+1073741824 at 2:1351614464",
      "metadata|raid1 5667553280+268435456 at 1:2446327808 2:2425356288",
      "system|raid1 5935988736+33554432 at 1:298844160 2:2693791744",
    ]);
    expect(machine.problems()).toEqual([]);
  });

  it("move everything once swap is off", () => {
    machine.lines.length = 0;
    machine.fs.swapDeactivate(machine.fs.lookup("/swapfile")!);
    machine.run(machine.fs.volume.balance({ type: "all" }, "step"));
    expect(course(machine)).toEqual([
      "relocate 5935988736",
      "relocate 5667553280",
      "relocate 4593811456",
      "relocate 3520069632",
      "relocate 298844160",
    ]);
    expect(machine.fs.bmap(machine.fs.lookup("/swapfile")!, 0)?.device.name).toBe("vda");
    expect(machine.problems()).toEqual([]);
  });
});

describe("a swap file over three block groups of 2 GiB", () => {
  const machine = new BtrfsMachine({ size: 2 * GIB, mount: { metadata: "single" } });
  machine.create("/d0", blocks(40 * MIB));
  prealloc(machine, "/swap", 384 * MIB);
  machine.create("/d1", blocks(100 * MIB));
  swapon(machine, "/swap");
  const balance = (filters: Parameters<typeof machine.fs.volume.balance>[0]): readonly string[] => {
    machine.lines.length = 0;
    const result = machine.run(machine.fs.volume.balance(filters, "step"));
    return [...course(machine), result.achieved.replace(/,.*/, "")];
  };
  const SKIPPED = ["skip 676331520", "skip 458227712", "skip 240123904"];

  it("is skipped by balance -d, and what lies beside it moves", () => {
    expect(balance({ type: "data" })).toEqual([
      ...SKIPPED,
      "relocate 22020096",
      "relocate 13631488",
      "relocated 2 of 7 chunks",
    ]);
  });

  it("is skipped by a full balance, which moves the new chunk once more", () => {
    expect(balance({ type: "all" })).toEqual([
      "relocate 894435328",
      ...SKIPPED,
      "relocate 5242880",
      "relocate 1048576",
      "relocated 3 of 6 chunks",
    ]);
  });

  it("is skipped by usage 100 after the other files are gone", () => {
    for (const path of ["/d0", "/d1"]) machine.run(machine.fs.unlink(path, "step"));
    machine.run(machine.fs.sync());
    expect(balance({ type: "data", usage: 100 })).toEqual([
      "relocate 1112539136",
      ...SKIPPED,
      "relocated 1 of 6 chunks",
    ]);
    machine.fs.swapDeactivate(machine.fs.lookup("/swap")!);
    expect(machine.problems()).toEqual([]);
  });
});
