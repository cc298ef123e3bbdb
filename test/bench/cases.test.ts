import { describe, expect, it } from "vitest";
import type { Meters } from "../../src/bench/bench-case.ts";
import { benchCases } from "../../src/bench/index.ts";
import { BareClock, BareHold, bareGenerators, bareResumes } from "../../src/bench/references.ts";

/** Meters without a clock: time passes by the call, and ever faster, so that a longer run costs more. */
function countingMeters(): Meters {
  let calls = 0;
  return {
    cpu: () => ++calls * calls,
    arrayBytes: () => process.memoryUsage().arrayBuffers,
    startUp: () => 2,
    bareStartUp: () => 1,
  };
}

describe("the cases of the benchmark", () => {
  it("have names of their own", () => {
    expect(new Set(benchCases.map(({ name }) => name)).size).toBe(benchCases.length);
  });

  /** Operations that a two-hundredth of each case must come to, where the model decides and not the case. */
  const expected: Readonly<Record<string, readonly [number, number]>> = {
    "major-fault-partition": [300, 1500],
    "major-fault-direct-io": [300, 1500],
    "hold-1000": [9000, 11_000],
    "mm1-customer": [2500, 2500],
  };

  it.each(benchCases.map((each) => [each.name, each] as const))(
    "%s does what it says, a small piece of it",
    (name, benchCase) => {
      const contest = benchCase.prepare(countingMeters(), 0.005);
      const subject = contest.subject();
      for (const { cost, operations } of [subject, contest.reference()]) {
        expect(operations).toBeGreaterThan(0);
        expect(cost).toBeGreaterThan(0);
      }
      const [least, most] = expected[name] ?? [1, Number.POSITIVE_INFINITY];
      expect(subject.operations).toBeGreaterThanOrEqual(least);
      expect(subject.operations).toBeLessThanOrEqual(most);
    },
  );
});

describe("the bare loops", () => {
  const touch = (frames: number, pages: readonly number[]): number => {
    const clock = new BareClock(10, frames);
    clock.touch(
      Uint32Array.from(pages, (page) => page * 2),
      pages.length,
    );
    return clock.misses;
  };

  it.each([
    ["fits", 3, [1, 2, 3, 1, 2, 3], 3],
    ["does not fit", 2, [1, 2, 3, 1], 4],
    ["keeps what was touched again", 2, [1, 2, 1, 3, 1], 3],
    ["takes its second chance away", 2, [1, 1, 2, 2, 3, 1], 4],
  ])("CLOCK misses what it must when the set %s", (_name, frames, pages, misses) => {
    expect(touch(frames, pages)).toBe(misses);
  });

  it("the hold model puts back as many as it takes", () => {
    expect(new BareHold(8, Int32Array.of(5, 3, 8, 1)).run(100)).toBe(100);
  });

  it("generators are resumed and end as often as asked", () => {
    expect(bareResumes(10)).toBe(10);
    expect(bareGenerators(10, 3)).toBe(10);
  });
});
