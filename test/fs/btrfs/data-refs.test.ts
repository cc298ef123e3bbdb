import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SimulationBug } from "../../../sim/engine/index.ts";
import { DataRefs } from "../../../sim/fs/btrfs/data-refs.ts";

/** "+s5" adds a reference of subvolume 5 by inode 1 at offset 0, "-s5" drops one; "+s5@2" is at offset 2. */
function play(steps: string): DataRefs {
  const refs = new DataRefs();
  for (const step of steps.split(" ")) {
    const [, sign, holder, base = "0"] = /^([+-])s(\d+)(?:@(\d+))?$/.exec(step) ?? [];
    if (sign === "+") refs.add(Number(holder), 1, Number(base));
    else refs.drop(Number(holder), 1, Number(base));
  }
  return refs;
}

const shown = (refs: DataRefs): readonly string[] =>
  refs.all().map(({ holder, base, count }) => `${count} of s${String(holder)}${base > 0 ? `@${base}` : ""}`);

describe("the references of an extent", () => {
  it.each([
    ["+s5", ["1 of s5"]],
    ["+s5 +s5", ["2 of s5"]],
    ["+s5 +s6 +s5@2", ["1 of s5", "1 of s6", "1 of s5@2"]],
    ["+s5 +s6 +s7 -s5", ["1 of s6", "1 of s7"]],
    ["+s5 +s6 +s7 -s6", ["1 of s5", "1 of s7"]],
    ["+s5 +s6 +s6 -s5 -s6", ["1 of s6"]],
    ["+s5 -s5", []],
    ["+s5 -s5 +s6", ["1 of s6"]],
  ])("after %s are %j", (steps, expected) => {
    const refs = play(steps);
    expect(shown(refs)).toEqual(expected);
    expect(refs.count).toBe(refs.all().reduce((sum, { count }) => sum + count, 0));
  });

  it.each([
    ["+s5", false],
    ["+s5 +s5", false],
    ["+s6", true],
    ["+s5@1", true],
    ["+s5 +s6", true],
    ["+s5 +s6 -s6", false],
    ["+s6 +s5 -s6", false],
    ["+s5 -s5", true],
  ])("after %s are shared, seen from subvolume 5: %s", (steps, shared) => {
    expect(play(steps).isSharedFrom(5, 1, 0)).toBe(shared);
  });

  it.each(["-s5", "+s5 -s6", "+s5 -s5@1", "+s5 -s5 -s5"])(
    "cannot be dropped by who has none: %s",
    (steps) => {
      expect(() => play(steps)).toThrow(SimulationBug);
    },
  );

  it("are what a list of all of them would be", () => {
    const name = fc.record({ holder: fc.integer({ min: 5, max: 7 }), base: fc.integer({ min: 0, max: 1 }) });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), name)), (steps) => {
        const refs = new DataRefs();
        const list: string[] = [];
        for (const [adds, { holder, base }] of steps) {
          const key = `${holder}@${base}`;
          if (adds) {
            refs.add(holder, 1, base);
            list.push(key);
          } else if (list.includes(key)) {
            refs.drop(holder, 1, base);
            list.splice(list.indexOf(key), 1);
          }
        }
        const counted = refs.all().flatMap((ref) => new Array(ref.count).fill(`${ref.holder}@${ref.base}`));
        expect(counted.toSorted()).toEqual(list.toSorted());
        expect(refs.count).toBe(list.length);
      }),
    );
  });
});
