import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { removeAt, SimulationBug } from "../../sim/engine/index.ts";

describe("taking one element out of a list", () => {
  it("leaves the others in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (list, number) => {
        const index = number % list.length;
        const left = [...list];
        removeAt(left, index);
        expect(left).toEqual(list.filter((_, at) => at !== index));
      }),
    );
  });

  it.each([-1, 2])("refuses place %d of two", (index) => {
    expect(() => removeAt(["a", "b"], index)).toThrow(SimulationBug);
  });
});
