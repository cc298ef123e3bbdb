import { describe, expect, it } from "vitest";
import { bytesOf } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { type F2fsMachine, f2fsMachine } from "../support/plain-machine.ts";

const SECTION = 512;
const MAIN = 4096;

function swapon({ fs, run }: F2fsMachine, file: FileHandle, pages = file.size) {
  return run(fs.swapActivate(file, pages));
}

/** Pieces as swapon found them: how many pages, and how far into a section. */
function piecesOf(
  activation: ReturnType<typeof swapon>,
): readonly (readonly [count: number, into: number])[] {
  if (activation.errno !== undefined) throw new Error(activation.message);
  return activation.extents.map(({ count, block }) => [count, (block - MAIN) % SECTION]);
}

describe("swapon on an f2fs file", () => {
  it("takes a file of whole sections as it lies", () => {
    const machine = f2fsMachine();
    const file = machine.create("/swap", 2 * SECTION);
    const before = machine.fs.bmap(file, 0);
    expect(piecesOf(swapon(machine, file))).toEqual([
      [SECTION, 0],
      [SECTION, 0],
    ]);
    expect([machine.fs.bmap(file, 0), machine.lines]).toEqual([before, []]);
  });

  it("moves a file in pieces into sections of its own first, with its contents", () => {
    const machine = f2fsMachine();
    const file = machine.create("/swap", 2 * SECTION, { extents: 10 });
    expect(piecesOf(swapon(machine, file))).toEqual([
      [SECTION, 0],
      [SECTION, 0],
    ]);
    expect(machine.lines).toEqual(["F2FS-fs: Swapfile (2) is not align to section"]);
    expect(machine.heard.relocations[0]).toMatchObject({ how: "moved", operation: "swapon" });
    machine.run(machine.fs.read(file, 0, file.size));
    expect(machine.heard.wrongReads).toEqual([]);
    expect(machine.fs.check()).toEqual([]);
  });

  it("gives a file that was only fallocated its places", () => {
    const machine = f2fsMachine();
    machine.create("/other", 100);
    const file = machine.create("/swap", SECTION, { preallocated: true });
    expect(piecesOf(swapon(machine, file))).toEqual([[SECTION, 0]]);
  });

  it("leaves the end alone that is shorter than a section, with a warning", () => {
    const machine = f2fsMachine();
    machine.create("/other", 100);
    const file = machine.create("/swap", SECTION + 10);
    expect(piecesOf(swapon(machine, file))).toEqual([
      [SECTION, 0],
      [10, 100],
    ]);
    expect(machine.lines).toEqual([
      "F2FS-fs: Swapfile: last extent is not aligned to section",
      "F2FS-fs: Swapfile (2) is not align to section",
    ]);
  });

  it("takes no more than the pages asked for", () => {
    const machine = f2fsMachine();
    const file = machine.create("/swap", 2 * SECTION);
    expect(piecesOf(swapon(machine, file, 700))).toEqual([
      [SECTION, 0],
      [700 - SECTION, 0],
    ]);
  });

  it("took pieces as they lay before 5.13", () => {
    const machine = f2fsMachine({ faults: ["noSectionAlignment"] });
    machine.create("/other", 100);
    expect(piecesOf(swapon(machine, machine.create("/swap", SECTION)))).toEqual([
      [412, 100],
      [100, 0],
    ]);
  });

  it.each([
    ["at the start of a section", SECTION, "EINVAL"],
    ["in a section that has to be moved", 7, "ENOENT"],
  ])("refuses a hole %s, and pins nothing then", (_where, hole, errno) => {
    const machine = f2fsMachine();
    const { fs, run, create } = machine;
    const file = create("/swap", 2 * SECTION);
    const range = { from: bytesOf(hole), to: bytesOf(hole + 1) };
    run(fs.fileOperations.fallocate(file, "punch-hole", range, ""));
    expect(swapon(machine, file)).toMatchObject({ errno });
    expect(run(fs.write(file, 0, SECTION))).toBeUndefined();
    expect(fs.check()).toEqual([]);
  });

  it("is refused in mode=lfs, and while the filesystem is read-only", () => {
    const lfs = f2fsMachine({ mount: { mode: "lfs" } });
    expect(swapon(lfs, lfs.create("/swap", SECTION))).toMatchObject({ errno: "EINVAL" });
    const machine = f2fsMachine();
    const file = machine.create("/swap", SECTION);
    machine.run(machine.fs.mountOperations.remount(true, ""));
    expect(swapon(machine, file)).toMatchObject({ errno: "EROFS" });
  });

  it("refuses an empty file", () => {
    const machine = f2fsMachine();
    expect(swapon(machine, machine.create("/swap", 0))).toMatchObject({
      errno: "EINVAL",
      message: "swapon: Cannot find a single usable page in file.",
    });
  });
});

describe("an active swap file on f2fs", () => {
  function activeSwap() {
    const machine = f2fsMachine();
    const file = machine.create("/swap", SECTION);
    swapon(machine, file);
    return { ...machine, file };
  }

  it("cannot be written, truncated, moved or removed", () => {
    const { fs, file, run } = activeSwap();
    const { fileOperations: files } = fs;
    expect(run(fs.write(file, 0, 1))).toBe("ETXTBSY");
    expect(run(files.truncate(file, 0, "")).errno).toBe("ETXTBSY");
    expect(run(fs.unlink("/swap", "")).errno).toBe("EPERM");
    expect(run(files.rename("/swap", "/other", "")).errno).toBe("EPERM");
    expect(run(fs.defragment(file, 4096, "defrag")).errno).toBe("EINVAL");
  });

  it("is moved by defragmentation if only swap's flag protects it", () => {
    const { fs, create, run, heard } = f2fsMachine();
    const file = create("/swap", SECTION, { extents: 4 });
    fs.setSwapFile(file, true);
    expect(run(fs.defragment(file, 4096, "defrag")).errno).toBeUndefined();
    expect(heard.relocations).toMatchObject([{ how: "moved", operation: "defrag" }]);
  });

  it("is like other files after swapoff, even if it was pinned before swapon", () => {
    const { fs, create, run } = f2fsMachine();
    const file = create("/swap", SECTION);
    run(fs.garbageCollection.pin(file, true));
    run(fs.swapActivate(file, SECTION));
    expect(run(fs.defragment(file, 4096, "defrag")).errno).toBe("EINVAL");
    fs.swapDeactivate(file);
    expect(run(fs.write(file, 0, 1))).toBeUndefined();
    expect(run(fs.defragment(file, 4096, "defrag")).errno).toBeUndefined();
  });
});
