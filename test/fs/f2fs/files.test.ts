import { describe, expect, it } from "vitest";
import { bytesOf, GIB, MIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { delay, f2fsMachine } from "../support/plain-machine.ts";

const SECTION = 512;
const MAIN = 4096;
/** One section more than a volume that a mount calls small. */
const LARGE = { blocks: (17 * GIB) / PAGE_SIZE };

describe("a file on f2fs", () => {
  it.each([
    ["stays where it is on a small volume", {}, true],
    ["gets a new place with every write in mode=lfs", { mount: { mode: "lfs" } }, false],
    ["gets a new place with every write on a volume of more than 16 GiB", LARGE, false],
  ])("%s, and reads back right", (_what, options, stays) => {
    const { fs, create, run, heard } = f2fsMachine(options);
    const file = create("/db", 100);
    const before = fs.bmap(file, 10)!.block;
    expect(run(fs.write(file, 10, 5))).toBeUndefined();
    expect(fs.bmap(file, 10)!.block === before).toBe(stays);
    expect(fs.bmap(file, 9)!.block).toBe(before - 1);
    run(fs.read(file, 0, 100));
    expect([heard.wrongReads, heard.reads]).toEqual([[], 100]);
    expect(fs.check()).toEqual([]);
  });

  it("is written in place while it is pinned", () => {
    const { fs, create, run } = f2fsMachine(LARGE);
    const file = create("/db", 100);
    run(fs.garbageCollection.pin(file, true));
    const before = fs.bmap(file, 10);
    run(fs.write(file, 10, 5));
    expect(fs.bmap(file, 10)).toEqual(before);
    run(fs.garbageCollection.pin(file, false));
    run(fs.write(file, 10, 5));
    expect(fs.bmap(file, 10)).not.toEqual(before);
  });

  it("is written in place by direct I/O, except in mode=lfs", () => {
    const content = { generation: 77, owner: 0, index: 0 };
    for (const [mode, stays] of [
      ["adaptive", true],
      ["lfs", false],
    ] as const) {
      const { fs, create, run } = f2fsMachine({ mount: { mode } });
      const file = create("/db", 100);
      const before = fs.bmap(file, 10)!.block;
      run(fs.directWrite(file, 10, content));
      expect(fs.bmap(file, 10)!.block === before).toBe(stays);
      expect(run(fs.directRead(file, 10))).toMatchObject({ content: { generation: 77 } });
    }
  });

  it("lies in as many pieces as it was made with", () => {
    const { fs, create } = f2fsMachine();
    expect(fs.extentsOf(create("/many", 200, { extents: 7 }))).toBe(7);
    expect(fs.extentsOf(create("/one", 50))).toBe(1);
  });

  it("that is fallocated has no place until it is written, and reads as zeroes", () => {
    const { fs, create, run, heard } = f2fsMachine();
    const file = create("/swap", 100, { preallocated: true });
    expect([fs.bmap(file, 0), fs.extentsOf(file)]).toEqual([undefined, 0]);
    run(fs.read(file, 0, 100));
    expect(heard.wrongReads).toEqual([]);
    run(fs.write(file, 0, 1));
    expect(fs.bmap(file, 0)).toBeDefined();
  });

  it("that is pinned first gets whole sections from fallocate", () => {
    const { fs, create, run, heard } = f2fsMachine();
    create("/other", 100);
    const file = create("/swap", 0);
    run(fs.garbageCollection.pin(file, true));
    const range = { from: 0, to: 3 * MIB };
    expect(run(fs.fileOperations.fallocate(file, "allocate", range, "")).errno).toBeUndefined();
    expect(file.size).toBe(768);
    const places = [0, 512].map((block) => (fs.bmap(file, block)!.block - MAIN) % SECTION);
    expect(places).toEqual([0, 0]);
    // The second section is its own as well, though half of it lies behind the end.
    expect(fs.space().dataUsed).toBe(bytesOf(100 + 1024));
    run(fs.read(file, 0, 768));
    expect(heard.wrongReads).toEqual([]);
    expect(run(fs.fileOperations.fallocate(file, "punch-hole", range, "")).errno).toBe("EOPNOTSUPP");
    expect(fs.check()).toEqual([]);
  });

  it("may not be larger than what users may have, and one block less is enough", () => {
    const { fs } = f2fsMachine();
    const spec = { nocow: false, preallocated: false, extents: 1 };
    // 15,872 blocks, of which one is the inode and 15 are nodes of addresses.
    expect(fs.createFile({ ...spec, path: "/large", size: bytesOf(15_857) })).toBe("ENOSPC");
    expect(fs.lookup("/large")).toBeUndefined();
    expect(fs.createFile({ ...spec, path: "/large", size: bytesOf(15_856) })).toMatchObject({ size: 15_856 });
    expect(fs.check()).toEqual([]);
  });

  it("has no blocks behind its end after truncate, even if it keeps its size", () => {
    const { fs, create, run } = f2fsMachine();
    const file = create("/db", 10);
    const { fileOperations: files } = fs;
    run(files.fallocate(file, "keep-size", { from: 0, to: bytesOf(100) }, ""));
    expect(fs.space().dataUsed).toBe(bytesOf(100));
    run(files.truncate(file, bytesOf(10), ""));
    expect(fs.space().dataUsed).toBe(bytesOf(10));
    expect(fs.check()).toEqual([]);
  });

  it("cannot be made if there is no room for its inode", () => {
    const { fs, run } = f2fsMachine();
    const spec = { nocow: false, preallocated: false, extents: 1 };
    fs.createFile({ ...spec, path: "/large", size: bytesOf(15_856) });
    expect(run(fs.fileOperations.create("/small", false, "")).errno).toBe("ENOSPC");
    expect(fs.lookup("/small")).toBeUndefined();
  });

  it("that is written while another takes its name leaves nothing behind", () => {
    const { fs, create, run, start } = f2fsMachine({ model: "ssd-sata" });
    const victim = create("/victim", 600, { preallocated: true });
    create("/other", 10);
    start(fs.write(victim, 0, 600));
    run(sleep(50));
    run(fs.fileOperations.rename("/other", "/victim", ""));
    run(sleep(100_000));
    expect(fs.check()).toEqual([]);
    expect(fs.space().dataUsed).toBe(bytesOf(10));
  });

  it("shows no old contents of blocks that fallocate gave it, wherever they are moved", () => {
    const { fs, create, run, heard } = f2fsMachine();
    create("/secret", 6000);
    run(fs.sync());
    run(fs.unlink("/secret", ""));
    run(fs.sync());
    const file = create("/swap", 0);
    const { fileOperations: files, garbageCollection: gc } = fs;
    run(gc.pin(file, true));
    run(files.fallocate(file, "allocate", { from: 0, to: bytesOf(1024) }, ""));
    run(gc.pin(file, false));
    run(files.fallocate(file, "collapse", { from: bytesOf(10), to: bytesOf(300) }, ""));
    run(fs.sync());
    expect(run(gc.collect(true, "gc")).errno).toBeUndefined();
    run(fs.read(file, 0, file.size));
    expect(heard.wrongReads).toEqual([]);
    expect(heard.reads).toBe(file.size);
  });

  it.each(["collapse", "insert"] as const)("moves its contents along with %s", (mode) => {
    const { fs, create, run, heard } = f2fsMachine();
    const file = create("/db", 40);
    const range = { from: bytesOf(10), to: bytesOf(15) };
    expect(run(fs.fileOperations.fallocate(file, mode, range, "")).errno).toBeUndefined();
    expect(file.size).toBe(mode === "collapse" ? 35 : 45);
    run(fs.read(file, 0, file.size));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
  });

  it("gives its blocks back when its last name goes, with the next checkpoint", () => {
    const { fs, create, run } = f2fsMachine();
    const file = create("/db", 2 * SECTION);
    run(fs.fileOperations.link(file, "/other", ""));
    run(fs.sync());
    run(fs.unlink("/db", ""));
    expect(fs.space().dataUsed).toBe(bytesOf(2 * SECTION));
    run(fs.unlink("/other", ""));
    expect(fs.space().dataUsed).toBe(0);
    const free = () => fs.regions(fs.superBlockDevice).filter(({ kind }) => kind === "pinned");
    expect(free()).not.toEqual([]);
    run(fs.sync());
    expect(free()).toEqual([]);
    expect(fs.check()).toEqual([]);
  });

  it("is defragmented into one piece, unless it is pinned", () => {
    const { fs, create, run, heard } = f2fsMachine();
    const file = create("/db", 300, { extents: 6 });
    run(fs.garbageCollection.pin(file, true));
    expect(run(fs.defragment(file, MIB, "defrag")).errno).toBe("EINVAL");
    run(fs.garbageCollection.pin(file, false));
    expect(run(fs.defragment(file, MIB, "defrag")).errno).toBeUndefined();
    expect(fs.extentsOf(file)).toBe(1);
    run(fs.read(file, 0, 300));
    expect(heard.wrongReads).toEqual([]);
  });

  it("lies on a device that is mapped without gaps", () => {
    const { fs, create, device } = f2fsMachine();
    create("/db", 1000);
    let end = 0;
    for (const { block, count } of fs.regions(device)) {
      expect(block).toBe(end);
      end += count;
    }
    expect(end).toBe(device.size);
  });
});

function* sleep(microseconds: number) {
  yield delay("sleep", microseconds * 1000);
}
