import { describe, expect, it } from "vitest";
import { bytesOf, MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { delay, type Ext4Machine, ext4Machine } from "../support/plain-machine.ts";

const pages = (count: number): number => bytesOf(count);

function place({ fs }: Ext4Machine, path: string, block: number): number {
  return fs.bmap(fs.lookup(path)!, block)!.block;
}

/** A file of 400 blocks in four pieces. */
function fragmented(options: { blocks?: number; model?: string; preallocated?: boolean } = {}) {
  const machine = ext4Machine(options);
  const file = machine.create("/db", 400, { extents: 4, preallocated: options.preallocated ?? false });
  return { ...machine, machine, file };
}

function contents({ fs, run }: Ext4Machine, path: string): readonly number[] {
  const file = fs.lookup(path)!;
  const found: number[] = [];
  for (let block = 0; block < file.size; block++) {
    const answer = run(fs.directRead(file, block));
    found.push(typeof answer === "string" ? -1 : answer.content.generation);
  }
  return found;
}

describe("e4defrag", () => {
  it("puts a file into one extent and keeps its contents", () => {
    const { machine, fs, run, file, heard } = fragmented();
    const before = contents(machine, "/db");
    expect(run(fs.defragment(file, 32 * MIB, "d"))).toEqual({
      errno: undefined,
      achieved: "moved 400 blocks of /db, extents: 4 -> 1",
      skipped: [],
    });
    expect(fs.extentsOf(file)).toBe(1);
    expect(contents(machine, "/db")).toEqual(before);
    expect(heard.relocations).toEqual([
      { first: 0, count: 400, how: "moved", operation: "d", reason: "EXT4_IOC_MOVE_EXT" },
    ]);
    expect(fs.check()).toEqual([]);
  });

  it("leaves the old blocks behind, reusable after the commit", () => {
    const { machine, fs, run, file, device, owners } = fragmented();
    const old = place(machine, "/db", 250);
    const used = fs.space().dataUsed;
    run(fs.defragment(file, 32 * MIB, "d"));
    expect(fs.space()).toMatchObject({ dataUsed: used, pinned: pages(400) });
    expect(fs.holdersOf({ device, block: old })).toEqual([]);
    expect(device.contents.at(old).generation).toBe(
      device.contents.at(place(machine, "/db", 250)).generation,
    );
    run(fs.sync());
    machine.create("/new", fs.space().unallocated / PAGE_SIZE);
    expect(fs.holdersOf({ device, block: old })).toMatchObject([{ owner: fs.lookup("/new")!.owner }]);
    const history = device.history.of(old, owners).map(({ what }) => what);
    expect(history).toEqual([
      "blocks were given to block 250 of /db",
      "blocks were copied elsewhere and left behind by block 250 of /db",
      "blocks were freed by block 250 of /db.defrag",
      "the commit made the blocks reusable; they were last of block 250 of /db.defrag",
      expect.stringMatching(/^blocks were given to block \d+ of \/new$/),
    ]);
  });

  it.each([
    [101, 1],
    [100, 4],
  ])("with a threshold of %i blocks, four extents of 100 become %i", (threshold, extents) => {
    const { fs, run, file } = fragmented();
    run(fs.defragment(file, pages(threshold), "d"));
    expect(fs.extentsOf(file)).toBe(extents);
  });

  it("moves only groups of short extents and leaves long ones between them", () => {
    const machine = ext4Machine();
    const { fs, run } = machine;
    const file = machine.create("/db", 500);
    // What is freed waits for the commit, so a write puts single blocks elsewhere: short, short, long, short, short.
    for (const block of [50, 100, 400, 450]) {
      run(fs.punchHole(file, block, 1));
      run(fs.write(file, block, 1));
    }
    const long = place(machine, "/db", 200);
    run(fs.defragment(file, pages(200), "d"));
    expect(place(machine, "/db", 200)).toBe(long);
    expect(machine.heard.relocations.map(({ first, count }) => [first, count])).toEqual([
      [0, 101],
      [400, 100],
    ]);
    expect(fs.check()).toEqual([]);
  });

  it("finds nothing to do in a file of one extent", () => {
    const { fs, create, run, device, heard } = ext4Machine();
    const file = create("/db", 400);
    expect(run(fs.defragment(file, 32 * MIB, "d"))).toMatchObject({ errno: undefined, skipped: [] });
    expect(device.stats.readIos).toBe(0);
    expect(heard.relocations).toEqual([]);
  });

  it("copies extents that are longer than a bio", () => {
    const machine = ext4Machine({ blocks: 8192 });
    const file = machine.create("/db", 1200, { extents: 2 });
    const before = contents(machine, "/db");
    machine.run(machine.fs.defragment(file, 32 * MIB, "d"));
    expect(machine.fs.extentsOf(file)).toBe(1);
    expect(contents(machine, "/db")).toEqual(before);
  });

  it("moves preallocated blocks without reading or writing them", () => {
    const { machine, fs, run, file, device } = fragmented({ preallocated: true });
    // What others left in free blocks must not show.
    for (let block = 0; block < device.size; block++) device.contents.write(block, 1, 0, 0);
    run(fs.defragment(file, 32 * MIB, "d"));
    expect(fs.extentsOf(file)).toBe(1);
    expect(device.stats).toMatchObject({ readIos: 0, writeIos: 0 });
    expect(contents(machine, "/db").every((generation) => generation === 0)).toBe(true);
  });

  it("leaves holes alone and gives the donor's blocks for them back", () => {
    const { fs, run, file } = fragmented();
    run(fs.punchHole(file, 120, 5));
    run(fs.sync());
    const used = fs.space().dataUsed;
    run(fs.defragment(file, 32 * MIB, "d"));
    expect(fs.bmap(file, 122)).toBeUndefined();
    expect(fs.extentsOf(file)).toBe(2);
    expect(fs.space().dataUsed).toBe(used);
    expect(fs.check()).toEqual([]);
  });

  it("says why it left a file alone when there is no room for a donor", () => {
    const { machine, fs, run, file } = fragmented();
    machine.create("/rest", fs.space().unallocated / PAGE_SIZE - 399);
    expect(run(fs.defragment(file, 32 * MIB, "d"))).toEqual({
      errno: undefined,
      achieved: "moved 0 blocks of /db, extents: 4 -> 4",
      skipped: [{ what: "/db blocks 0..399", reason: "ENOSPC: too few free blocks for a donor file" }],
    });
  });

  it("says why it left a file alone when free space is as fragmented as the file", () => {
    const { machine, fs, run } = fragmented();
    machine.create("/holes", 400, { extents: 4 });
    machine.create("/rest", fs.space().unallocated / PAGE_SIZE);
    run(fs.unlink("/holes", "u"));
    run(fs.sync());
    const file = fs.lookup("/db")!;
    expect(run(fs.defragment(file, 32 * MIB, "d")).skipped).toMatchObject([
      { reason: expect.stringMatching(/^free space has no better place: \d+ extents instead of 4$/) },
    ]);
    expect(fs.extentsOf(file)).toBe(4);
  });

  it("is refused with ETXTBSY for a fragmented active swap file, which stays where it is", () => {
    const { machine, fs, run, file, heard } = fragmented();
    run(fs.swapActivate(file, 400));
    const before = place(machine, "/db", 250);
    const used = fs.space().dataUsed;
    const result = run(fs.defragment(file, 32 * MIB, "d"));
    expect(result.errno).toBe("ETXTBSY");
    expect(result.skipped).toEqual([
      { what: "/db blocks 0..399", reason: "EXT4_IOC_MOVE_EXT answered ETXTBSY" },
    ]);
    expect(heard.relocations).toMatchObject([{ first: 0, count: 400, how: "refused", operation: "d" }]);
    expect(place(machine, "/db", 250)).toBe(before);
    expect(fs.space().dataUsed).toBe(used);
    expect(fs.check()).toEqual([]);
  });

  it("stops with ETXTBSY when swapon comes between two of its ioctls; what was moved stays moved", () => {
    const machine = ext4Machine({ model: "ssd-sata" });
    const { fs, create, run, start, heard } = machine;
    const file = create("/db", 400, { extents: 4 });
    for (const path of ["/gap1", "/gap2", "/gap3"]) create(path, 100);
    create("/free1", 250);
    create("/between", 10);
    create("/free2", 250);
    create("/rest", fs.space().unallocated / PAGE_SIZE);
    for (const path of ["/free1", "/free2"]) run(fs.unlink(path, "u"));
    run(fs.sync());
    const last = place(machine, "/db", 399);
    start(fs.swapActivate(file, 400));
    const result = run(fs.defragment(file, 32 * MIB, "d"));
    expect(result.errno).toBe("ETXTBSY");
    expect(heard.relocations.map(({ first, count, how }) => [first, count, how])).toEqual([
      [0, 250, "moved"],
      [250, 150, "refused"],
    ]);
    expect(place(machine, "/db", 399)).toBe(last);
    expect(fs.check()).toEqual([]);
    run(fs.read(file, 0, 400));
    expect(heard.wrongReads).toEqual([]);
  });

  it("succeeds for an active swap file that needs no move", () => {
    const { fs, create, run } = ext4Machine();
    const file = create("/swap", 400);
    run(fs.swapActivate(file, 400));
    expect(run(fs.defragment(file, 32 * MIB, "d")).errno).toBeUndefined();
  });

  it("holds writers back while it copies, so that no write is lost", () => {
    const { machine, fs, run, start, file, heard } = fragmented({ model: "hdd-7200" });
    start(fs.defragment(file, 32 * MIB, "d"));
    run(fs.write(file, 200, 50));
    expect(fs.extentsOf(file)).toBe(1);
    run(fs.read(file, 0, 400));
    expect(heard.wrongReads).toEqual([]);
    expect(contents(machine, "/db")[210]).toBe(heard.expected(file, 210));
  });

  it("keeps the mapping until everything is copied", () => {
    const { machine, fs, run, start, file } = fragmented({ model: "hdd-7200" });
    const before = place(machine, "/db", 0);
    start(fs.defragment(file, 32 * MIB, "d"));
    run(
      (function* () {
        yield delay("in the middle of the copy", 10_000_000);
      })(),
    );
    expect(place(machine, "/db", 0)).toBe(before);
    expect(fs.check()).toEqual([]);
  });

  it("moves what a page was stored to through direct_IO", () => {
    const { machine, fs, run, file } = fragmented({ preallocated: true });
    run(fs.directWrite(file, 123, { generation: 77, owner: 0, index: 0 }));
    const before = place(machine, "/db", 123);
    run(fs.defragment(file, 32 * MIB, "d"));
    expect(place(machine, "/db", 123)).not.toBe(before);
    expect(run(fs.directRead(file, 123))).toMatchObject({ content: { generation: 77 } });
  });

  it("answers EIO and changes nothing when the device is gone", () => {
    const { machine, fs, run, file, device } = fragmented();
    const before = place(machine, "/db", 123);
    device.failed = true;
    expect(run(fs.defragment(file, 32 * MIB, "d")).errno).toBe("EIO");
    expect(place(machine, "/db", 123)).toBe(before);
    expect(fs.check()).toEqual([]);
  });
});
