import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FallocateMode, FileHandle } from "../../../sim/fs/index.ts";
import { ext4Machine } from "../support/plain-machine.ts";

const KIB = 1024;
/** Where the first group that files use begins, as 1 KiB blocks see it. */
const GROUP: number = 2_048;

/** ext4 with blocks of 1 KiB on a device of 256 MiB. */
function smallMachine(blocks = 65_536) {
  const machine = ext4Machine({ blocks, mount: { blockSize: "1KiB" } });
  const { fs, run, create } = machine;

  function fallocate(file: FileHandle, from: number, to: number, mode: FallocateMode = "allocate") {
    return run(fs.fileOperations.fallocate(file, mode, { from: from * KIB, to: to * KIB }, "")).errno;
  }
  /** How many pages swap finds in each of its extents. */
  function usable(file: FileHandle): readonly number[] {
    const activation = run(fs.swapActivate(file, file.size));
    if (activation.errno === undefined) fs.swapDeactivate(file);
    return activation.errno === undefined ? activation.extents.map(({ count }) => count) : [];
  }
  /** Two files that grow in turn by a piece of so many KiB. */
  function interleave(piece: number, pieces: number): readonly [FileHandle, FileHandle] {
    const pair = [create(`/a${piece}`, 0), create(`/b${piece}`, 0)] as const;
    for (let at = 0; at < pieces * piece; at += piece) {
      for (const file of pair) expect(fallocate(file, at, at + piece)).toBeUndefined();
    }
    return pair;
  }
  const preallocate = (path: string, pages: number): FileHandle =>
    create(path, pages, { preallocated: true });
  return { ...machine, fallocate, usable, interleave, preallocate };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

describe("a file in blocks of 1 KiB", () => {
  it("loses a page for swap in each of its runs, since groups begin one block behind a border", () => {
    const { fs, usable, preallocate } = smallMachine();
    const file = preallocate("/swap", 8_192);
    // Groups 3 and 5 begin with a copy of the super block, and a buddy of 2 MiB is not found before 2 MiB of them.
    expect([0, 3_584, 7_168].map((page) => fs.bmap(file, page)!.block / GROUP)).toEqual([1.25, 3.25, 5.25]);
    expect(usable(file)).toEqual([3_583, 3_583, 1_023]);
  });

  it("loses no page more where it goes on behind itself", () => {
    const { usable, preallocate, fallocate } = smallMachine();
    const file = preallocate("/swap", 100);
    expect(fallocate(file, 400, 800)).toBeUndefined();
    expect(usable(file)).toEqual([199]);
  });

  it("loses another page where a part was collapsed or punched out", () => {
    const { usable, preallocate, fallocate } = smallMachine();
    const [collapsed, punched] = [preallocate("/c", 100), preallocate("/p", 100)];
    expect(fallocate(collapsed, 40, 80, "collapse")).toBeUndefined();
    expect(usable(collapsed)).toEqual([9, 79]);
    expect(fallocate(punched, 40, 80, "punch-hole")).toBeUndefined();
    preallocate("/in-between", 10);
    expect(fallocate(punched, 40, 80)).toBeUndefined();
    expect(sum(usable(punched))).toBe(97);
  });

  it("loses the page of which a block was collapsed, and is no shorter by a page", () => {
    const { fs, usable, preallocate, fallocate } = smallMachine();
    const file = preallocate("/swap", 100);
    expect(fallocate(file, 65, 66, "collapse")).toBeUndefined();
    expect(file.size).toBe(100);
    expect(usable(file)).toEqual([15, 83]);
    expect(fs.check()).toEqual([]);
  });

  it.each([
    ["the collapse of parts of several pages", "collapse", 66, 70, "EOPNOTSUPP"],
    ["the insertion of less than a page", "insert", 64, 65, "EOPNOTSUPP"],
    ["the collapse of a part of the last page", "collapse", 396, 397, "EINVAL"],
    ["the collapse of less than a block", "collapse", 64, 64.5, "EINVAL"],
  ] as const)("refuses %s", (_what, mode, from, to, errno) => {
    const { usable, preallocate, fallocate } = smallMachine();
    const file = preallocate("/swap", 100);
    expect(fallocate(file, from, to, mode)).toBe(errno);
    expect(usable(file)).toEqual([99]);
  });
});

describe("files that grow in turn by pieces that are no pages", () => {
  it("have nothing for swap in pieces of 1 KiB", () => {
    const { fs, run, interleave } = smallMachine();
    const [file] = interleave(1, 400);
    expect([file.size, fs.extentsOf(file)]).toEqual([100, 100]);
    expect(run(fs.swapActivate(file, file.size))).toEqual({
      errno: "EINVAL",
      message: "swapon: Cannot find a single usable page in file.",
    });
  });

  it("have one page in each piece of 7 KiB", () => {
    const { usable, interleave } = smallMachine();
    for (const file of interleave(7, 64)) {
      expect(file.size).toBe(112);
      expect(usable(file)).toEqual(new Array(64).fill(1));
    }
  });

  it("leave few pages to nobody", () => {
    const { fs, interleave } = smallMachine();
    const [file, other] = interleave(7, 64);
    const places = [file, other].flatMap((each) => [fs.bmap(each, 0)!.block, fs.bmap(each, 111)!.block]);
    // A page is nobody's if those who share it have as many pages as they need; they have 224 in all.
    expect(Math.max(...places) - Math.min(...places)).toBeLessThan(1.1 * 224);
  });

  it("have seven or eight pages in each piece of 33 KiB, by where it begins", () => {
    const { usable, interleave } = smallMachine();
    const [file, other] = interleave(33, 6);
    expect(usable(file)).toEqual([7, 8, 7, 8, 7, 8]);
    expect(usable(other)).toEqual([7, 8, 7, 8, 7, 8]);
  });

  it("have the pages that blocks of 1 KiB fill, in whatever order and lengths they grow", () => {
    const piece = fc.record({ file: fc.nat(2), blocks: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 60 }), (pieces) => {
        const { fs, create, usable, fallocate } = smallMachine();
        const files = ["/a", "/b", "/c"].map((path) => ({ file: create(path, 0), blocks: 0, pages: 0 }));
        // The first piece begins one block behind a border, each other one behind the one before.
        let at = 1;
        for (const piece of pieces) {
          const grown = files[piece.file]!;
          // Whole pages alone are placed by themselves.
          const isPages = grown.blocks % 4 === 0 && piece.blocks % 4 === 0;
          const blocks = isPages ? piece.blocks + 1 : piece.blocks;
          expect(fallocate(grown.file, grown.blocks, grown.blocks + blocks)).toBeUndefined();
          grown.blocks += blocks;
          grown.pages += Math.max(0, Math.floor((at + blocks) / 4) - Math.ceil(at / 4));
          at += blocks;
          expect(fs.check()).toEqual([]);
        }
        for (const { file, blocks, pages } of files) {
          expect(file.size).toBe(Math.ceil(blocks / 4));
          expect(sum(usable(file))).toBe(pages);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("grow by pages where blocks lie behind their end already", () => {
    const { fs, interleave, fallocate, usable } = smallMachine();
    const [file] = interleave(33, 1);
    expect(fallocate(file, 33, 66, "keep-size")).toBeUndefined();
    expect(fallocate(file, 33, 66)).toBeUndefined();
    expect([file.size, usable(file)]).toEqual([17, [7, 7]]);
    expect(fs.check()).toEqual([]);
  });

  it("go on elsewhere when somebody has taken what lay behind them", () => {
    const { fs, create, fallocate, usable, preallocate } = smallMachine();
    const file = create("/a", 0);
    fallocate(file, 0, 33);
    const behind = preallocate("/b", 20);
    expect(fs.bmap(behind, 0)!.block).toBe(fs.bmap(file, 8)!.block + 1);
    fallocate(file, 33, 66);
    expect(fs.bmap(file, 9)!.block).toBeGreaterThan(fs.bmap(behind, 19)!.block);
    expect(usable(file)).toEqual([7, 7]);
    expect(fs.check()).toEqual([]);
  });

  it("are placed by pages when free space is in too many pieces, and refused when there is none", () => {
    const { fs, run, create, fallocate, usable, preallocate } = smallMachine(512);
    const fill = preallocate("/fill", fs.space().unallocated / PAGE_SIZE);
    const file = create("/a", 0);
    expect(fallocate(file, 0, 7)).toBe("ENOSPC");
    for (const page of [10, 20]) fallocate(fill, page * 4, page * 4 + 4, "punch-hole");
    run(fs.sync());
    expect(fallocate(file, 0, 7)).toBeUndefined();
    expect([fs.extentsOf(file), usable(file)]).toEqual([2, []]);
    expect(fallocate(file, 7, 14)).toBe("ENOSPC");
    expect(fs.check()).toEqual([]);
  });

  it("are ordinary files to whoever writes somewhere in them", () => {
    const { fs, run, interleave, fallocate, heard } = smallMachine();
    const [file, other] = interleave(7, 10);
    expect(fallocate(file, 3, 9)).toBeUndefined();
    expect(run(fs.write(file, 0, 18))).toBeUndefined();
    expect(run(fs.write(other, 0, 18))).toBeUndefined();
    expect(run(fs.read(file, 0, 18))).toBeUndefined();
    expect(heard.wrongReads).toEqual([]);
    expect(run(fs.unlink(other.path, "u")).errno).toBeUndefined();
    expect(fs.check()).toEqual([]);
  });
});

describe("where the blocks of a file lie", () => {
  it("is as the last commit left it after a power loss, and files grow on", () => {
    const { fs, run, interleave, fallocate, usable, losePower } = smallMachine();
    const [file, other] = interleave(33, 4);
    run(fs.sync());
    fallocate(file, 132, 165);
    losePower();
    expect(usable(file)).toEqual([7, 8, 7, 8]);
    expect(fallocate(file, 132, 165)).toBeUndefined();
    expect(fallocate(other, 132, 165)).toBeUndefined();
    expect(fs.check()).toEqual([]);
  });

  it("is in one run of whole pages, but for the first, after a defragmentation", () => {
    const { fs, run, interleave, usable } = smallMachine();
    const [file] = interleave(1, 400);
    expect(run(fs.defragment(file, bytesOf(256), "d")).errno).toBeUndefined();
    expect([fs.extentsOf(file), usable(file)]).toEqual([1, [99]]);
    expect(fs.check()).toEqual([]);
  });

  it("is no question when a block is a page", () => {
    const { fs, run, create } = ext4Machine();
    const file = create("/swap", 0);
    const grow = (from: number, to: number, mode: FallocateMode) =>
      run(fs.fileOperations.fallocate(file, mode, { from, to }, "")).errno;
    for (let at = 0; at < 70 * KIB; at += 7 * KIB) expect(grow(at, at + 7 * KIB, "allocate")).toBeUndefined();
    expect(run(fs.swapActivate(file, 18))).toMatchObject({ extents: [{ slot: 0, count: 18 }] });
    fs.swapDeactivate(file);
    expect(grow(8 * KIB, 9 * KIB, "collapse")).toBe("EINVAL");
  });
});
