import { describe, expect, it } from "vitest";
import { FailSlab, type Process } from "../../sim/engine/index.ts";

describe("failslab", () => {
  const [one, other] = [{}, {}] as Process[];
  const setUp = () => {
    let current = one!;
    const failslab = new FailSlab(() => current);
    const as = (process: Process | undefined, allocations: number): readonly boolean[] => {
      current = process!;
      return Array.from({ length: allocations }, () => failslab.fails());
    };
    return { failslab, as };
  };

  it("fails the allocation it is armed for, once, and none of another process", () => {
    const { failslab, as } = setUp();
    failslab.arm(2);
    expect([as(other, 3), as(one, 3)]).toEqual([
      [false, false, false],
      [false, true, false],
    ]);
  });

  it("is disarmed by the one that armed it", () => {
    const { failslab, as } = setUp();
    failslab.arm(1);
    as(other, 0);
    failslab.disarm();
    expect(as(one, 1)).toEqual([true]);
    failslab.arm(1);
    failslab.disarm();
    expect(as(one, 1)).toEqual([false]);
  });

  it("has forgotten all after a power loss", () => {
    const { failslab, as } = setUp();
    failslab.arm(1);
    failslab.forget();
    expect(as(one, 1)).toEqual([false]);
  });
});
