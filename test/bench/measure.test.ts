import { describe, expect, it } from "vitest";
import type { BenchCase, Meters, Sample } from "../../src/bench/bench-case.ts";
import { benchDocument, benchTable, measure } from "../../src/bench/index.ts";
import { growthWhileRunning } from "../../src/bench/machines.ts";
import { median } from "../../src/bench/measure.ts";
import { patterns } from "../../workloads/index.ts";

const noMeters: Meters = { cpu: () => 0, arrayBytes: () => 0, startUp: () => 0, bareStartUp: () => 0 };

/** A case whose subject and reference cost what two lists say, for ten operations each, and then nothing. */
function listed(subject: readonly number[], reference: readonly number[], more: Partial<BenchCase> = {}) {
  const calls: string[] = [];
  const player = (name: string, costs: readonly number[]): (() => Sample) => {
    let round = 0;
    return () => {
      calls.push(name);
      return { cost: costs[round++] ?? 0, operations: 10 };
    };
  };
  const benchCase: BenchCase = {
    name: "listed",
    unit: "ns",
    operation: "nothing",
    reference: "nothing else",
    goal: { atMost: 5 },
    note: "a list",
    prepare: () => ({ subject: player("s", subject), reference: player("r", reference) }),
    ...more,
  };
  return { benchCase, calls };
}

const threeRounds = { repetitions: 3, scale: 1 };

describe("measuring", () => {
  it("warms up once and then takes turns, so that a disturbance hits both", () => {
    const { benchCase, calls } = listed([], []);
    measure(benchCase, noMeters, threeRounds);
    expect(calls.join("")).toBe("srsrsrsr");
  });

  it("does not warm up what is counted in bytes", () => {
    const { benchCase, calls } = listed([], [], { unit: "bytes", repetitions: 1 });
    measure(benchCase, noMeters, threeRounds);
    expect(calls.join("")).toBe("sr");
  });

  it("gives the median and the least cost of one operation, without the warm-up", () => {
    const { benchCase } = listed([1, 40, 90, 50], [1, 20, 20, 20]);
    expect(measure(benchCase, noMeters, threeRounds)).toMatchObject({
      median: 5,
      least: 4,
      referenceMedian: 2,
    });
  });

  it("takes the ratio round by round, so that a slow spell cancels out", () => {
    const { benchCase } = listed([1, 30, 300, 30], [1, 20, 200, 20]);
    expect(measure(benchCase, noMeters, threeRounds).ratio).toBe(1.5);
  });

  it("makes no more rounds than the case wants", () => {
    const { benchCase, calls } = listed([], [], { repetitions: 1 });
    measure(benchCase, noMeters, threeRounds);
    expect(calls).toHaveLength(4);
  });

  it.each([
    [{ atMost: 5 }, true],
    [{ atMost: 4.9 }, false],
    [{ ratioAtMost: 2.5 }, true],
    [{ ratioAtMost: 2.4 }, false],
  ])("compares a cost of 5, 2.5 times the reference, with the goal %o", (goal, met) => {
    const { benchCase } = listed([0, 50, 50, 50], [0, 20, 20, 20], { goal });
    expect(measure(benchCase, noMeters, threeRounds).met).toBe(met);
  });

  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 3], 2],
  ])("the median of %j is %d", (values, expected) => expect(median(values)).toBe(expected));
});

describe("the growth while a machine runs", () => {
  const shape = {
    memoryMib: 16,
    swapMib: 16,
    tasks: [() => patterns.require("seq").create({ pages: 16 })],
  };

  it("is the most that was measured meanwhile", () => {
    const readings: number[] = [];
    const upAndDown = (): number => {
      const bytes = [100, 120, 150][readings.length] ?? 110;
      readings.push(bytes);
      return bytes;
    };
    expect(growthWhileRunning(shape, upAndDown)).toBe(50);
    expect(readings.length).toBeGreaterThan(3);
  });

  it("is refused when there was none", () => {
    expect(() => growthWhileRunning(shape, () => 7)).toThrow(
      "no growth while a machine runs (7 bytes before",
    );
  });
});

describe("the report", () => {
  const machine = { cpu: "abacus", cpus: 1, runtime: "by hand", system: "desk" };
  const nanoseconds = measure(listed([0, 60], [0, 20]).benchCase, noMeters, { repetitions: 1, scale: 1 });
  const bytes = measure(listed([380], [90], { unit: "bytes" }).benchCase, noMeters, {
    repetitions: 1,
    scale: 1,
  });

  it("names in JSON the unit of each figure, what it is compared with, and the machine", () => {
    expect(benchDocument([nanoseconds, bytes], machine)).toEqual({
      schema: "pagestorm/bench/1",
      results: [
        {
          name: "listed",
          nsPerOp: 6,
          nsPerOpLeast: 6,
          reference: "nothing else",
          referenceNsPerOp: 2,
          ratio: 3,
          goal: { atMost: 5 },
          met: false,
          note: "a list",
        },
        expect.objectContaining({ bytesPerPage: 38, referenceBytesPerPage: 9 }),
      ],
      machine,
    });
  });

  it("says in the table whether a goal was met", () => {
    const text = benchTable([nanoseconds], machine);
    expect(text).toMatch(/listed\s*│\s*6 ns\s*│\s*6 ns\s*│\s*2 ns\s*│\s*3.00\s*│ <= 5 ns\s*│ NO/);
    expect(text).toContain("abacus");
  });
});
