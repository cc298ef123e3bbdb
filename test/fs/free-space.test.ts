import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SimulationBug } from "../../sim/engine/index.ts";
import { FreeSpace } from "../../sim/fs/free-space.ts";

/** "..##..": dots are free, the first character is block 0. */
function parse(picture: string): FreeSpace {
  const free = new FreeSpace();
  for (const run of picture.matchAll(/\.+/g)) free.give(run.index, run[0].length);
  return free;
}

function draw(free: FreeSpace, length: number): string {
  let picture = "";
  for (let block = 0; block < length; block++) picture += free.runAt(block) ? "." : "#";
  return picture;
}

describe("free space", () => {
  it("joins what is given back with its neighbours", () => {
    const free = parse("..#..");
    free.give(2, 1);
    expect([...free.runsFrom(0)]).toEqual([{ block: 0, count: 5 }]);
    expect(free.blocks).toBe(5);
  });

  it("cuts a run on both sides of what is taken", () => {
    const free = parse(".....");
    free.take(1, 3);
    expect(draw(free, 5)).toBe(".###.");
    expect(free.blocks).toBe(2);
  });

  it.each([
    ["#..#...#", 0, 2, 1],
    ["#..#...#", 0, 3, 4],
    ["#..#...#", 5, 2, 5],
    ["#..#...#", 6, 2, 1],
    ["#..#...#", 0, 4, undefined],
    ["#....###", 2, 3, 2],
    ["#....###", 3, 3, 1],
  ])("in %s from %i on, the first place for %i is %s", (picture, goal, want, block) => {
    expect(parse(picture).firstFit(goal, want)?.block).toBe(block);
  });

  it("names the first of the longest runs", () => {
    expect(parse("..#...#...").longest()).toEqual({ block: 3, count: 3 });
    expect(new FreeSpace().longest()).toBeUndefined();
  });

  it("refuses to free a block twice and to take one that is not free", () => {
    expect(() => parse("..#").give(1, 2)).toThrow(SimulationBug);
    expect(() => parse("#..").give(0, 2)).toThrow(SimulationBug);
    expect(() => parse("..#").take(1, 2)).toThrow(SimulationBug);
    expect(() => parse("#..").take(0, 1)).toThrow(SimulationBug);
  });

  it("agrees with an array of bits", () => {
    const size = 40;
    const step = fc.record({ block: fc.nat(size - 1), count: fc.integer({ min: 1, max: 8 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const free = new FreeSpace();
        const bits = new Array<boolean>(size).fill(false);
        for (const { block, count } of steps) {
          const range = bits.slice(block, block + count);
          if (range.length < count) continue;
          if (range.every((bit) => !bit)) free.give(block, count);
          else if (range.every((bit) => bit)) free.take(block, count);
          else continue;
          bits.fill(!range[0], block, block + count);
        }
        expect(draw(free, size)).toBe(bits.map((bit) => (bit ? "." : "#")).join(""));
        expect(free.blocks).toBe(bits.filter((bit) => bit).length);
        const runs = [...free.runsFrom(0)];
        expect(
          runs.every(
            (run, index) => index === 0 || run.block > runs[index - 1]!.block + runs[index - 1]!.count,
          ),
        ).toBe(true);
      }),
    );
  });
});
