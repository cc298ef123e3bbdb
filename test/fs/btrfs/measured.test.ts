import { describe, expect, it } from "vitest";
import { GIB, MIB, SECOND } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";
import { blocks, course, prealloc, swapon } from "../support/measured.ts";

/** What a real Linux 6.1 did with filesystems of the same devices, profiles and files (chunk trees and kernel lines). */

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

/** 150 MiB of data, a swap file of 128 MiB in the next chunk, 150 MiB of data: active on the first of three devices. */
function swapBetweenData(): BtrfsMachine {
  const machine = new BtrfsMachine({
    sizes: [2 * GIB, 2 * GIB, 2 * GIB],
    spare: 2,
    mount: { metadata: "single" },
  });
  machine.create("/d1", blocks(150 * MIB));
  prealloc(machine, "/sw", 128 * MIB);
  machine.create("/d2", blocks(150 * MIB));
  swapon(machine, "/sw");
  machine.lines.length = 0;
  return machine;
}

describe("a swap file of 128 MiB between two files on a device that shrinks", () => {
  const machine = swapBetweenData();
  const shrink = (size: number): string =>
    machine.answer(machine.fs.volume.resizeDevice(machine.device, size, "s"));
  const CHUNKS = [
    "system 1048576+4194304 at 1:1048576",
    "metadata 5242880+8388608 at 1:5242880",
    "data 13631488+8388608 at 1:13631488",
    "data 22020096+218103808 at 1:22020096",
    "data 240123904+218103808 at 1:240123904",
    "data 458227712+218103808 at 1:458227712",
  ];

  it("lies in these chunks", () => {
    expect(machine.chunks()).toEqual(CHUNKS);
    expect(machine.fs.fiemap(machine.fs.lookup("/sw")!)[0]?.logical).toBe(240_123_904);
  });

  it("lets the device shrink above all chunks", () => {
    expect(shrink(1900 * MIB)).toBe("ok");
    expect(course(machine)).toEqual([]);
  });

  it("finds no room for the chunk above, tries twice, and leaves everything", () => {
    expect(shrink(531_628_032)).toBe("ENOSPC");
    expect(course(machine)).toEqual(["relocate 458227712", "relocate 458227712"]);
    expect(machine.chunks()).toEqual(CHUNKS);
  });

  it("is EINVAL below 256 MiB, whatever lies there", () => {
    expect(shrink(223_346_688)).toBe("EINVAL");
    expect(machine.chunks()).toEqual(CHUNKS);
    expect(machine.problems()).toEqual([]);
  });
});

describe("a swap file with room below it on a device that shrinks", () => {
  const machine = new BtrfsMachine({ size: 2 * GIB, mount: { metadata: "single" } });
  /** Written bit by bit, as the page cache does, so that every hole is filled. */
  const fill = (path: string, size: number): void => {
    const file = machine.create(path, 0);
    for (let block = 0; block < blocks(size); block += 256) {
      machine.run(machine.fs.write(file, block, Math.min(256, blocks(size) - block)));
    }
  };
  fill("/d0", 8 * MIB + 2 * 218_103_808 + 72_212_480);
  prealloc(machine, "/sw", 128 * MIB);
  fill("/d1", 300 * MIB);
  machine.run(machine.fs.unlink("/d0", "s"));
  machine.run(machine.fs.sync());
  const before = machine.chunks();
  swapon(machine, "/sw");

  it("lets the chunks above it go before it stops the resize", () => {
    expect(machine.answer(machine.fs.volume.resizeDevice(machine.device, 280 * MIB, "s"))).toBe("ETXTBSY");
    expect(course(machine)).toEqual(["relocate 894435328", "relocate 676331520", "skip 458227712"]);
    const after = machine.chunks();
    expect(before.filter((chunk) => !after.includes(chunk))).toEqual([
      "data 676331520+218103808 at 1:676331520",
      "data 894435328+218103808 at 1:894435328",
    ]);
    expect(after.filter((chunk) => !before.includes(chunk))).toEqual([]);
  });

  it("lets the device shrink down to the end of its block group", () => {
    expect(machine.answer(machine.fs.volume.resizeDevice(machine.device, 681_435_136, "s"))).toBe("ok");
    expect(machine.answer(machine.fs.volume.resizeDevice(machine.device, 676_331_520 - MIB, "s"))).toBe(
      "ETXTBSY",
    );
    expect(machine.problems()).toEqual([]);
  });
});

describe("a device with a swap file to which others come and go", () => {
  const machine = swapBetweenData();
  const { volume } = machine.fs;
  const [holder, second, third] = machine.devices as [
    typeof machine.device,
    typeof machine.device,
    typeof machine.device,
  ];

  it("is not removed nor replaced", () => {
    expect(machine.answer(volume.removeDevice(holder, "s"))).toBe("ETXTBSY");
    expect(machine.lines).toEqual([
      "BTRFS warning: cannot remove device /dev/vda (devid 1) due to active swapfile",
    ]);
    expect(machine.answer(volume.addDevice(second, "s"))).toBe("ok");
    expect(machine.answer(volume.replaceDevice(holder, third, "s"))).toBe("ETXTBSY");
  });

  it("keeps its swap chunk in a full balance; the rest goes where the kernel put it", () => {
    machine.lines.length = 0;
    machine.run(volume.balance({ type: "all" }, "s"));
    expect(course(machine)).toEqual([
      "relocate 458227712",
      "skip 240123904",
      "relocate 22020096",
      "relocate 13631488",
      "relocate 5242880",
      "relocate 1048576",
    ]);
    expect(machine.chunks()).toEqual([
      "data 240123904+218103808 at 1:240123904",
      "data 676331520+436207616 at 2:1048576",
      "metadata 1112539136+268435456 at 1:458227712",
      "system 1380974592+33554432 at 2:437256192",
    ]);
  });

  it("takes back the chunks of the other device when that goes, smaller and replaced", () => {
    expect(machine.answer(volume.resizeDevice(second, 1500 * MIB, "s"))).toBe("ok");
    expect(machine.answer(volume.replaceDevice(second, third, "s"))).toBe("ok");
    expect(machine.answer(volume.removeDevice(third, "s"))).toBe("ok");
    expect(machine.chunks()).toEqual([
      "data 240123904+218103808 at 1:240123904",
      "metadata 1112539136+268435456 at 1:458227712",
      "system 1414529024+33554432 at 1:1048576",
      "data 1448083456+218103808 at 1:726663168",
      "data 1666187264+218103808 at 1:944766976",
    ]);
    expect(machine.problems()).toEqual([]);
  });

  it("keeps the swap chunk single when everything else becomes RAID1", () => {
    expect(machine.answer(volume.addDevice(second, "s"))).toBe("ok");
    machine.run(volume.balance({ type: "all", convert: "raid1" }, "s"));
    expect(machine.chunks()).toEqual([
      "data 240123904+218103808 at 1:240123904",
      "data|raid1 1884291072+436207616 at 2:1048576 1:1162870784",
      "system|raid1 2320498688+33554432 at 2:437256192 1:34603008",
      "metadata|raid1 2354053120+268435456 at 2:470810624 1:1599078400",
      // One more for each group that is converted, needed or not; but none for the group that is skipped.
      "data|raid1 2622488576+279969792 at 2:739246080 1:1867513856",
      "metadata|raid1 2902458368+268435456 at 2:1019215872 1:726663168",
    ]);
  });
});
