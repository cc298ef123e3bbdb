import { describe, expect, it } from "vitest";
import { type Actor, GIB, MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** Two devices in use, or more, and one or more spare ones, with a swap file and other data. */
function machineWith(options: ConstructorParameters<typeof BtrfsMachine>[0]) {
  const machine = new BtrfsMachine(options);
  const swap = machine.create("/swap", 1000, { nocow: true, preallocated: true });
  const data = machine.create("/data", 20_000, { extents: 50 });
  const holder = machine.fs.bmap(swap, 0)!.device;
  const [vda, vdb, vdc] = machine.devices;
  return { machine, swap, data, holder, vda: vda!, vdb: vdb!, vdc: vdc!, volume: machine.fs.volume };
}
const SINGLE = { metadata: "single" };

describe("an added device", () => {
  it("takes new chunks, and can be removed again", () => {
    const { machine, vdb, volume, data } = machineWith({ sizes: [512 * MIB, GIB], spare: 1, mount: SINGLE });
    expect(machine.answer(volume.addDevice(vdb, "step"))).toBe("ok");
    machine.run(volume.balance({ type: "data" }, "step"));
    expect(machine.fs.chunks().some(({ stripes }) => stripes.some(({ devid }) => devid === 2))).toBe(true);
    expect(machine.answer(volume.removeDevice(vdb, "step"))).toBe("ok");
    expect(machine.fs.bmap(data, 0)!.device.name).toBe("vda");
    expect(machine.problems()).toEqual([]);
  });

  it("is EEXIST if it is in use, and another one is ENODEV for removal", () => {
    const { machine, vda, vdc, volume } = machineWith({ sizes: [GIB, GIB, GIB], spare: 1, mount: SINGLE });
    expect(machine.answer(volume.addDevice(vda, "step"))).toBe("EEXIST");
    expect(machine.answer(volume.removeDevice(vdc, "step"))).toBe("ENODEV");
  });
});

describe("removing a device", () => {
  it("is refused while it holds an active swap file, and allowed for the other one", () => {
    const { machine, swap, holder, volume, vda, vdb } = machineWith({ sizes: [GIB, GIB], mount: SINGLE });
    machine.run(machine.fs.swapActivate(swap, 1000));
    const other = holder === vda ? vdb : vda;
    expect(machine.answer(volume.removeDevice(holder, "step"))).toBe("ETXTBSY");
    expect(machine.lines.join()).toContain(
      `cannot remove device /dev/${holder.name} (devid 1) due to active swapfile`,
    );
    expect(machine.relocations).toEqual([expect.objectContaining({ file: "/swap", how: "refused" })]);
    expect(machine.answer(volume.removeDevice(other, "step"))).toBe("ok");
    machine.fs.swapDeactivate(swap);
    expect(machine.problems()).toEqual([]);
  });

  it("is refused if a profile needs the device", () => {
    const { machine, vdb, volume } = machineWith({
      sizes: [GIB, GIB],
      mount: { data: "raid1", metadata: "raid1" },
    });
    expect(machine.answer(volume.removeDevice(vdb, "step"))).toBe("EINVAL");
  });

  it("is refused for the profiles before anybody looks for a swap file", () => {
    const { machine, swap, holder, volume } = machineWith({
      sizes: [GIB, GIB],
      mount: { metadata: "raid1" },
    });
    machine.run(machine.fs.swapActivate(swap, 1000));
    expect(machine.answer(volume.removeDevice(holder, "step"))).toBe("EINVAL");
    expect(machine.lines.join()).not.toContain("due to active swapfile");
  });

  it("is refused for the last one that can be written to", () => {
    const { machine, volume, vda, vdb } = machineWith({ sizes: [GIB, GIB], mount: SINGLE });
    machine.run(volume.loseDevice(vdb, "step"));
    expect(machine.answer(volume.removeDevice(vda, "step"))).toBe("EINVAL");
  });

  const crowded = (kernel: string) => {
    const made = machineWith({ sizes: [2 * GIB, 256 * MIB], mount: SINGLE, kernel });
    made.machine.create("/big", (600 * MIB) / PAGE_SIZE);
    return made;
  };

  it("gives up if there is no room, and the device stays", () => {
    const { machine, volume, vda } = crowded("linux-6.18");
    expect(machine.answer(volume.removeDevice(vda, "step"))).toBe("ENOSPC");
    expect(machine.fs.space().size).toBe(2 * GIB + 256 * MIB);
    expect(machine.problems()).toEqual([]);
  });

  it("aborts a transaction if there is no room, as long as shrinking miscounts the space for chunks", () => {
    const { machine, volume, vda } = crowded("linux-6.1");
    expect(machine.answer(volume.removeDevice(vda, "step"))).toBe("EROFS");
    expect(machine.lines).toContainEqual(expect.stringContaining("Transaction aborted (error -28)"));
    expect(machine.fs.space().size).toBe(2 * GIB + 256 * MIB);
    expect(machine.problems()).toEqual([]);
  });
});

describe("replacing a device", () => {
  it.each([
    ["single", SINGLE],
    ["RAID1", { data: "raid1", metadata: "raid1" }],
    ["RAID0", { data: "raid0", metadata: "raid1" }],
  ])("keeps contents and devid with %s, while files are written", (_name, mount) => {
    const { machine, data, volume, vda, vdc } = machineWith({
      model: "nvme-consumer",
      sizes: [GIB, GIB, GIB],
      spare: 1,
      mount,
    });
    machine.start(
      (function* (): Actor {
        for (let round = 0; round < 300; round++) yield* machine.fs.write(data, (round * 61) % 19_000, 5);
      })(),
    );
    expect(machine.answer(volume.replaceDevice(vda, vdc, "step"))).toBe("ok");
    machine.run(machine.fs.sync());
    const devices = new Set<string>();
    for (let block = 0; block < data.size; block += 16)
      devices.add(machine.fs.bmap(data, block)!.device.name);
    expect(devices.has("vda")).toBe(false);
    expect(machine.problems()).toEqual([]);
  });

  it("is refused while the source holds an active swap file; the other can go", () => {
    const { machine, swap, holder, volume, vda, vdb, vdc } = machineWith({
      sizes: [GIB, GIB, GIB],
      spare: 1,
      mount: SINGLE,
    });
    machine.run(machine.fs.swapActivate(swap, 1000));
    expect(machine.answer(volume.replaceDevice(holder, vdc, "step"))).toBe("ETXTBSY");
    expect(machine.answer(volume.replaceDevice(holder === vda ? vdb : vda, vdc, "step"))).toBe("ok");
  });

  it("tells of each file that it moved, and of no other", () => {
    const { machine, data, swap, holder, volume, vdc } = machineWith({
      sizes: [GIB, GIB, GIB],
      spare: 1,
      mount: SINGLE,
    });
    machine.create("/elsewhere", 600 * 256, { preallocated: true });
    const moved = [data, swap, machine.fs.lookup("/elsewhere")!]
      .filter(
        (file) =>
          machine.fs.bmap(file, 0)!.device === holder ||
          machine.fs.bmap(file, file.size - 1)!.device === holder,
      )
      .map(({ path }) => path);
    machine.answer(volume.replaceDevice(holder, vdc, "step"));
    expect([...new Set(machine.relocations.map(({ file }) => file))].toSorted()).toEqual(moved.toSorted());
    expect(
      machine.relocations.every(({ how, reason }) => how === "moved" && reason === "device replaced"),
    ).toBe(true);
  });

  it("needs a device that is large enough", () => {
    const { machine, volume, vda, vdb } = machineWith({ sizes: [GIB, 512 * MIB], spare: 1, mount: SINGLE });
    expect(machine.answer(volume.replaceDevice(vda, vdb, "step"))).toBe("EINVAL");
  });
});

describe("a lost device", () => {
  it("leaves everything readable and writable with RAID1", () => {
    const { machine, data, vdb } = machineWith({
      sizes: [GIB, GIB],
      mount: { data: "raid1", metadata: "raid1" },
    });
    machine.run(machine.fs.volume.loseDevice(vdb, "step"));
    expect(machine.run(machine.fs.read(data, 0, 20_000))).toBeUndefined();
    expect(machine.run(machine.fs.write(data, 100, 50))).toBeUndefined();
    expect(machine.run(machine.fs.read(data, 0, 20_000))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("takes the data with it without copies", () => {
    const { machine, data, vda } = machineWith({ sizes: [GIB, GIB], mount: { metadata: "raid1" } });
    const device = machine.fs.bmap(data, 0)!.device;
    machine.run(machine.fs.volume.loseDevice(device, "step"));
    expect(machine.run(machine.fs.read(data, 0, 10))).toBe("EIO");
    expect(device === vda || device.name === "vdb").toBe(true);
  });

  it("with the only copy of the metadata aborts the next commit", () => {
    const { machine, data, vda } = machineWith({ sizes: [GIB, GIB], mount: SINGLE });
    machine.run(machine.fs.write(data, 0, 1));
    machine.run(machine.fs.volume.loseDevice(vda, "step"));
    machine.run(machine.fs.sync());
    expect(machine.lines.join()).toContain("Transaction aborted (error -5)");
    expect(machine.run(machine.fs.write(data, 0, 1))).toBe("EROFS");
  });

  it("cannot be lost again", () => {
    const { machine, volume, vdb } = machineWith({ sizes: [GIB, GIB], mount: SINGLE });
    expect(machine.answer(volume.loseDevice(vdb, "step"))).toBe("ok");
    expect(machine.answer(volume.loseDevice(vdb, "step"))).toBe("ENODEV");
  });

  /** Fills the data chunks, then makes small files until there is no room; what the last one was answered. */
  const fillUp = (machine: BtrfsMachine): string => {
    const large = { size: MIB, nocow: false, preallocated: false, extents: 1 };
    for (let n = 0; typeof machine.fs.createFile({ path: `/large${n}`, ...large }) !== "string"; n++);
    for (let n = 0; ; n++) {
      const path = `/small${n}`;
      const created = machine.answer(machine.fs.fileOperations.create(path, false, "step"));
      if (created !== "ok") return created;
      const written = machine.run(machine.fs.fileOperations.writeSmall!(machine.fs.lookup(path)!, 2000));
      if (written !== undefined) return written;
      if (n % 500 === 0) machine.run(machine.fs.sync());
    }
  };

  it("counts no more among the space for chunks, and its removal changes nothing about that", () => {
    const mount = { data: "raid1", metadata: "raid1" };
    const machine = new BtrfsMachine({ sizes: [300 * MIB, 300 * MIB, 300 * MIB], mount });
    const lost = machine.devices[2]!;
    machine.run(machine.fs.volume.loseDevice(lost, "step"));
    expect(machine.answer(machine.fs.volume.removeDevice(lost, "step"))).toBe("ok");
    // Metadata that was promised against space of the lost device would abort a commit: EROFS.
    expect(fillUp(machine)).toBe("ENOSPC");
  });

  it("is rebuilt on a new one from the other copies", () => {
    const { machine, data, vda, vdc, volume } = machineWith({
      sizes: [GIB, GIB, GIB],
      spare: 1,
      mount: { data: "raid1", metadata: "raid1" },
    });
    machine.run(machine.fs.volume.loseDevice(vda, "step"));
    machine.run(machine.fs.write(data, 0, 100));
    expect(machine.answer(volume.replaceDevice(vda, vdc, "step"))).toBe("ok");
    expect(machine.problems()).toEqual([]);
  });
});

describe("resize", () => {
  it("moves what lies behind the new end, and gives it back when it grows", () => {
    const { machine, volume, vda, data } = machineWith({ size: 2 * GIB, mount: SINGLE });
    machine.run(volume.balance({ type: "all" }, "step"));
    expect(machine.answer(volume.resizeDevice(vda, 600 * MIB, "step"))).toBe("ok");
    const end = machine.fs
      .chunks()
      .flatMap(({ stripes, length }) => stripes.map(({ physical }) => physical + length));
    expect(Math.max(...end)).toBeLessThanOrEqual(600 * MIB);
    expect(machine.fs.space().size).toBe(600 * MIB);
    expect(machine.answer(volume.resizeDevice(vda, 2 * GIB, "step"))).toBe("ok");
    expect(machine.run(machine.fs.read(data, 0, 20_000))).toBeUndefined();
    expect(machine.problems()).toEqual([]);
  });

  it("stops at a block group with an active swap file; the size is restored, what was moved stays moved", () => {
    const { machine, volume, vda } = machineWith({ size: 2 * GIB, mount: SINGLE });
    const swap = machine.create("/large-swap", 80_000, { nocow: true, preallocated: true });
    machine.run(machine.fs.swapActivate(swap, 80_000));
    const before = machine.fs.bmap(swap, 0);
    expect(machine.answer(volume.resizeDevice(vda, 256 * MIB, "step"))).toBe("ETXTBSY");
    expect(machine.lines.join()).toMatch(/could not shrink block group \d+ due to active swapfile/);
    expect(machine.fs.space().size).toBe(2 * GIB);
    expect(machine.fs.bmap(swap, 0)).toEqual(before);
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["below 256 MiB", 213 * MIB, "EINVAL"],
    ["beyond the device", 3 * GIB, "EFBIG"],
  ])("%s is refused", (_name, size, errno) => {
    const { machine, volume, vda } = machineWith({ size: 2 * GIB, mount: SINGLE });
    expect(machine.answer(volume.resizeDevice(vda, size, "step"))).toBe(errno);
  });

  it("without room elsewhere is ENOSPC after a second pass", () => {
    const { machine, volume, vda } = machineWith({ size: GIB, mount: SINGLE });
    machine.create("/big", (700 * MIB) / PAGE_SIZE);
    expect(machine.answer(volume.resizeDevice(vda, 400 * MIB, "step"))).toBe("ENOSPC");
    expect(machine.problems()).toEqual([]);
  });
});

describe("scrub", () => {
  it("repairs a bad copy from a good one, and tells what it cannot repair", () => {
    const { machine, data, volume } = machineWith({ size: 2 * GIB, mount: { data: "dup" } });
    const place = machine.fs.bmap(data, 77)!;
    place.device.contents.write(place.block, 4_000_000, 0, 0);
    expect(machine.run(volume.scrub("step")).achieved).toContain("1 errors corrected, 0 not");
    expect(machine.problems()).toEqual([]);
    const single = machineWith({ size: 2 * GIB });
    const bad = single.machine.fs.bmap(single.data, 77)!;
    bad.device.contents.write(bad.block, 4_000_000, 0, 0);
    expect(single.machine.run(single.volume.scrub("step"))).toMatchObject({ errno: "EIO" });
  });

  it("skips a block group with an active swap file whole", () => {
    const { machine, swap, volume } = machineWith({ size: 2 * GIB });
    machine.run(machine.fs.swapActivate(swap, 1000));
    const result = machine.run(volume.scrub("step"));
    expect(result.errno).toBeUndefined();
    expect(result.skipped).toEqual([
      { what: expect.stringMatching(/^block group \d+$/), reason: "active swapfile" },
    ]);
    expect(machine.lines.join()).toMatch(/skipping scrub of block group \d+ due to active swapfile/);
  });

  it("makes swapon say copy-on-write while it works on the group", () => {
    const { machine, swap, volume } = machineWith({ size: 2 * GIB, model: "ssd-sata-slow" });
    machine.start(volume.scrub("step"));
    expect(machine.run(machine.fs.swapActivate(swap, 1000))).toMatchObject({
      errno: "EINVAL",
      message: "swapfile must not be copy-on-write",
    });
  });
});

describe("a read", () => {
  it("of a bad copy finds the good one and repairs the bad", () => {
    const { machine, data } = machineWith({ sizes: [GIB, GIB], mount: { data: "raid1", metadata: "raid1" } });
    const place = machine.fs.bmap(data, 5)!;
    for (const device of machine.devices) {
      if (device === place.device) device.contents.write(place.block, 4_000_000, 0, 0);
    }
    // Readers take either copy by their process id: two reads meet both.
    for (let reader = 0; reader < 4; reader++) {
      expect(machine.run(machine.fs.read(data, 0, 10))).toBeUndefined();
    }
    expect(machine.problems()).toEqual([]);
  });

  it("of a swap file written past the filesystem finds copies that differ (class G)", () => {
    const { machine, swap } = machineWith({ size: 2 * GIB, mount: { data: "dup" } });
    machine.run(machine.fs.write(swap, 3, 1));
    const place = machine.fs.bmap(swap, 3)!;
    place.device.contents.write(place.block, 4_000_000, swap.owner, 3);
    machine.oracle.declareSwapFile(swap.owner);
    machine.problems();
    expect(machine.ledger.byClass().G).toBe(1);
  });
});
