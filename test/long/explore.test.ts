import fc from "fast-check";
import { expect, it } from "vitest";
import { harmOf } from "../support/scene.ts";
import { smallMachine } from "../support/small-machines.ts";

it("a hundred random small machines come to the same harm with and without reductions", () => {
  const every = { bound: 1, schedules: 3000 };
  let compared = 0;
  let tried = 0;
  let reduced = 0;
  let harmful = 0;
  fc.assert(
    fc.property(smallMachine, (small) => {
      if (compared === 100) return;
      const all = harmOf(small, { ...every, reduction: false });
      if (!all.complete) return;
      const few = harmOf(small, { ...every, reduction: true });
      expect(few.kinds).toEqual(all.kinds);
      expect(few.complete).toBe(true);
      compared++;
      if (all.kinds.length > 0) harmful++;
      tried += all.schedules;
      reduced += few.schedules;
    }),
    { numRuns: 300, seed: 8 },
  );
  expect(compared).toBe(100);
  expect(harmful).toBeGreaterThan(0);
  console.info(
    `reduction: ${tried} schedules became ${reduced}, a factor of ${(tried / reduced).toFixed(1)}; ${harmful} do harm`,
  );
}, 600_000);
