import { describe, expect, it } from "vitest";
import { bytesOf, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { ext4Machine } from "../support/plain-machine.ts";

const place = (machine: ReturnType<typeof ext4Machine>, path: string, block: number): number =>
  machine.fs.bmap(machine.fs.lookup(path)!, block)!.block;

describe("making files on ext4", () => {
  it("writes every block once, in order, and tells the observer", () => {
    const machine = ext4Machine();
    const file = machine.create("/db", 10);
    for (let block = 0; block < 10; block++) {
      const found = machine.device.contents.at(place(machine, "/db", block));
      expect(found).toEqual({
        generation: machine.heard.expected(file, block),
        owner: file.owner,
        index: block,
      });
      expect(found.generation).toBeGreaterThan(0);
    }
    expect(machine.fs.extentsOf(file)).toBe(1);
    expect(machine.engine.now).toBe(0);
  });

  it.each([1, 2, 7, 100])("cuts a file into %i extents that lie apart", (extents) => {
    const { fs, create } = ext4Machine();
    expect(fs.extentsOf(create("/db", 1000, { extents }))).toBe(extents);
    expect(fs.check()).toEqual([]);
  });

  it("keeps the pieces apart also where space is short, and never makes more pieces than blocks", () => {
    const { fs, create } = ext4Machine();
    expect(fs.extentsOf(create("/large", 2000, { extents: 50 }))).toBe(50);
    expect(fs.extentsOf(create("/small", 3, { extents: 50 }))).toBe(3);
  });

  it("fills the device to the last block and not beyond", () => {
    const { fs, create } = ext4Machine();
    const free = fs.space().unallocated / PAGE_SIZE;
    const spec = { size: bytesOf(free + 1), nocow: false, preallocated: true, extents: 1 };
    expect(fs.createFile({ ...spec, path: "/too-large" })).toBe("ENOSPC");
    create("/all", free);
    expect(fs.space().unallocated).toBe(0);
    expect(fs.createFile({ ...spec, size: PAGE_SIZE, path: "/more" })).toBe("ENOSPC");
    expect(fs.createFile({ ...spec, size: PAGE_SIZE, path: "/all" })).toBe("EEXIST");
    expect(fs.check()).toEqual([]);
  });

  it("rounds a size up to whole blocks", () => {
    const { fs, create } = ext4Machine();
    expect(create("/a", 0, { size: PAGE_SIZE + 1 }).size).toBe(2);
    expect(fs.files().map(({ path }) => path)).toEqual(["/a"]);
  });
});

describe("reading and writing on ext4", () => {
  it("writes in place", () => {
    const machine = ext4Machine();
    const file = machine.create("/db", 600, { extents: 3 });
    const before = place(machine, "/db", 250);
    const old = machine.heard.expected(file, 250);
    expect(machine.run(machine.fs.write(file, 150, 400))).toBeUndefined();
    expect(place(machine, "/db", 250)).toBe(before);
    expect(machine.heard.expected(file, 250)).toBeGreaterThan(old);
    expect(machine.heard.expected(file, 149)).toBeLessThan(machine.heard.expected(file, 150));
    expect(machine.run(machine.fs.read(file, 0, 600))).toBeUndefined();
    expect(machine.heard.reads).toBe(600);
    expect(machine.heard.wrongReads).toEqual([]);
  });

  it("splits I/O at 1 MiB and where extents end", () => {
    const { fs, create, run, device } = ext4Machine();
    const file = create("/db", 600, { extents: 2 });
    run(fs.read(file, 0, 600));
    expect(device.stats.readIos).toBe(4);
    run(fs.write(file, 0, 256));
    run(fs.write(file, 0, 257));
    expect(device.stats.writeIos).toBe(3);
  });

  it("shows zeroes in preallocated blocks, not what lay there before", () => {
    const machine = ext4Machine();
    const { fs, run, device, heard } = machine;
    const file = machine.create("/swap", 8, { preallocated: true });
    device.contents.write(place(machine, "/swap", 3), 77, 0, 0);
    expect(run(fs.directRead(file, 3))).toMatchObject({ content: { generation: 0 } });
    run(fs.read(file, 0, 8));
    expect(heard.wrongReads).toEqual([]);
    run(fs.write(file, 3, 1));
    run(fs.read(file, 0, 8));
    expect(heard.wrongReads).toEqual([]);
    expect(run(fs.directRead(file, 3))).toMatchObject({ content: { generation: heard.expected(file, 3) } });
    expect(heard.expected(file, 3)).toBeGreaterThan(0);
  });

  it("stores a page through direct_IO where the file block lies", () => {
    const machine = ext4Machine();
    const { fs, run, device, heard } = machine;
    const file = machine.create("/swap", 8, { preallocated: true });
    const page = { generation: 500, owner: 9, index: 3 };
    for (const block of [5, 5, 2]) {
      expect(run(fs.directWrite(file, block, page))).toBeUndefined();
      expect(run(fs.directRead(file, block))).toEqual({ content: page, place: fs.bmap(file, block) });
      expect(device.contents.at(place(machine, "/swap", block))).toEqual(page);
      expect(heard.expected(file, block)).toBe(500);
    }
    expect(fs.check()).toEqual([]);
  });

  it("has holes: no place, zeroes, and blocks only when something is written", () => {
    const { fs, create, run, heard } = ext4Machine();
    const file = create("/db", 10);
    const used = fs.space().dataUsed;
    expect(run(fs.punchHole(file, 4, 2))).toBeUndefined();
    expect(fs.bmap(file, 3)).toBeDefined();
    expect(fs.bmap(file, 4)).toBeUndefined();
    expect(fs.bmap(file, 5)).toBeUndefined();
    expect(fs.bmap(file, 6)).toBeDefined();
    expect(fs.space().dataUsed).toBe(used - bytesOf(2));
    expect(run(fs.directRead(file, 4))).toEqual({
      content: { generation: 0, owner: 0, index: 0 },
      place: undefined,
    });
    run(fs.write(file, 5, 1));
    run(fs.directWrite(file, 4, { generation: 900, owner: 1, index: 1 }));
    expect(fs.space().dataUsed).toBe(used);
    run(fs.read(file, 0, 10));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
  });

  it("fills all holes of a write or, with ENOSPC, none", () => {
    const { fs, create, run } = ext4Machine();
    const file = create("/db", 10);
    run(fs.punchHole(file, 2, 2));
    run(fs.punchHole(file, 6, 2));
    run(fs.sync());
    create("/rest", fs.space().unallocated / PAGE_SIZE - 3);
    expect(run(fs.write(file, 0, 10))).toBe("ENOSPC");
    expect(fs.bmap(file, 2)).toBeUndefined();
    expect(run(fs.write(file, 0, 7))).toBeUndefined();
    expect(run(fs.directWrite(file, 7, { generation: 9, owner: 0, index: 0 }))).toBe("ENOSPC");
    expect(fs.check()).toEqual([]);
  });

  it("answers EIO when the device is gone, and claims nothing", () => {
    const { fs, create, run, device, heard } = ext4Machine();
    const file = create("/db", 4);
    const empty = create("/empty", 4, { preallocated: true });
    const before = heard.expected(file, 1);
    device.failed = true;
    expect(run(fs.write(file, 1, 2))).toBe("EIO");
    expect(run(fs.read(file, 1, 2))).toBe("EIO");
    expect(run(fs.directRead(file, 1))).toBe("EIO");
    expect(run(fs.directWrite(empty, 1, { generation: 5, owner: 0, index: 0 }))).toBe("EIO");
    device.failed = false;
    expect(heard.expected(file, 1)).toBe(before);
    expect(heard.reads).toBe(0);
    expect(run(fs.directRead(empty, 1))).toMatchObject({ content: { generation: 0 } });
  });

  it("removes a file once, and its handle leads nowhere afterwards", () => {
    const { fs, create, run, heard } = ext4Machine();
    const file = create("/db", 10);
    expect(run(fs.unlink("/none", "u")).errno).toBe("ENOENT");
    expect(run(fs.unlink("/db", "u")).errno).toBeUndefined();
    expect(run(fs.unlink("/db", "u")).errno).toBe("ENOENT");
    expect(fs.lookup("/db")).toBeUndefined();
    expect(fs.bmap(file, 0)).toBeUndefined();
    expect(run(fs.write(file, 0, 1))).toBe("ENOENT");
    expect(run(fs.read(file, 0, 1))).toBe("ENOENT");
    expect(run(fs.directRead(file, 0))).toBe("ENOENT");
    expect(run(fs.directWrite(file, 0, { generation: 5, owner: 0, index: 0 }))).toBe("ENOENT");
    expect(heard.expected(file, 0)).toBe(0);
    expect(create("/db", 5).owner).not.toBe(file.owner);
    expect(fs.check()).toEqual([]);
  });
});
