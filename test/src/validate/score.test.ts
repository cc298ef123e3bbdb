import { describe, expect, it } from "vitest";
import type { Counters, Measurement } from "../../../src/validate/measurements.ts";
import {
  errorOf,
  isWithinBounds,
  JUDGED,
  medianOf,
  nearest,
  percentile90,
  type ScoredPhase,
  scoreAll,
} from "../../../src/validate/score.ts";
import { SPREAD } from "../../../src/validate/spread.ts";
import { shipped } from "./helpers.ts";

/** The run phase of a row of cgroup and classic LRU, simulated and measured. */
function run(
  simulated: Counters | undefined,
  measured: Counters,
  more: Partial<ScoredPhase> = {},
): ScoredPhase {
  const row = {
    id: "row",
    phase: "run",
    mode: "cgroup",
    lru: "classic",
    backend: "partition(virtio-blk)",
  } as const;
  return { ...row, simulated, measured, ...more };
}

describe("the error of a counter", () => {
  const error = (counter: string, simulated: number, measured: number, more: Partial<ScoredPhase> = {}) =>
    errorOf(counter, run({ [counter]: simulated }, { [counter]: measured }, more));

  it("is the difference as a share of what was measured", () => {
    expect(error("pswpin", 1100, 1000)).toBe(0.1);
    expect(error("pswpin", 900, 1000)).toBe(0.1);
  });

  it("takes 100 for what was measured to be less", () => {
    expect(error("pswpin", 150, 0)).toBe(1.5);
    expect(error("pswpin", 100, 99)).toBe(0.01);
  });

  it("does not exist where both are under 100", () => {
    expect(error("pswpin", 99, 99)).toBeUndefined();
    expect(error("pswpin", 0, 100)).toBe(1);
  });

  it("is none up to the spread of the real machine, 0.3 % for page-ins of this group", () => {
    expect(SPREAD["cgroup classic"]?.["pswpin"]).toBe(0.003);
    expect(error("pswpin", 1003, 1000)).toBe(0);
    expect(error("pswpin", 1004, 1000)).toBe(0.004);
  });

  it("has no excuse where there is no spread", () => {
    expect(SPREAD["cgroup classic"]?.["pgrotated"]).toBeUndefined();
    expect(error("pgrotated", 1001, 1000)).toBe(0.001);
  });

  it("of class B is a share of 5 % of the traffic at least", () => {
    const measured = { pgrotated: 200, pgscan_anon: 30_000, pgscan_file: 10_000, pswpin: 1 };
    expect(errorOf("pgrotated", run({ pgrotated: 400 }, measured))).toBe(200 / 2000);
    const moved = { pgrotated: 200, pswpin: 30_000, pswpout: 30_000 };
    expect(errorOf("pgrotated", run({ pgrotated: 400 }, moved))).toBe(200 / 3000);
    expect(errorOf("pswpout", run({ pswpout: 400 }, { pswpout: 200, pswpin: 60_000 }))).toBe(1);
  });

  it("is 100 % where there is no answer", () => {
    expect(errorOf("pswpin", run(undefined, { pswpin: 500 }))).toBe(1);
    expect(errorOf("pswpin", run(undefined, { pswpin: 50 }))).toBeUndefined();
  });

  it("of a counter that nobody counted is that of zero", () => {
    expect(errorOf("swap_ra", run({}, { swap_ra: 500 }))).toBe(1);
  });
});

describe("not judged", () => {
  const thousand = Object.fromEntries(JUDGED.map((name) => [name, 1000]));
  const judged = (more: Partial<ScoredPhase>) =>
    JUDGED.filter((counter) => errorOf(counter, run(thousand, thousand, more)) !== undefined);

  it("is most of the first fill", () => {
    expect(judged({ phase: "init" })).toEqual(["pswpout", "pgscan_anon", "pgsteal_anon"]);
  });

  it("are refaults under MGLRU", () => {
    expect(judged({})).toContain("workingset_refault_anon");
    expect(judged({ lru: "mglru" })).not.toContain("workingset_refault_anon");
  });

  it("is a counter that the real machine itself does not repeat within 30 %", () => {
    expect(SPREAD["global classic"]?.["swap_ra"]).toBeGreaterThan(0.3);
    expect(judged({ mode: "global" })).not.toContain("swap_ra");
    expect(judged({ mode: "cgroup" })).toContain("swap_ra");
  });
});

describe("of several measurements", () => {
  const measured = (run: Counters): Measurement => new Map([["run", run]]);

  it("the nearest in class A and pages scanned is compared", () => {
    const low = { pswpin: 1000, pgscan_anon: 5000 };
    const high = { pswpin: 2000, pgscan_anon: 5000 };
    expect(nearest({ pswpin: 1900, pgscan_anon: 5000 }, [measured(low), measured(high)], "run")).toBe(high);
    expect(nearest({ pswpin: 1100, pgscan_anon: 5000 }, [measured(high), measured(low)], "run")).toBe(low);
  });

  it("the first of equals is", () => {
    const first = { pswpin: 1000 };
    expect(nearest({ pswpin: 1000 }, [measured(first), measured({ pswpin: 1000 })], "run")).toBe(first);
  });

  it("none is, where the phase was not measured", () => {
    expect(nearest({ pswpin: 1 }, [measured({})], "verify")).toBeUndefined();
  });
});

describe("median and 90th percentile", () => {
  it.each([
    [[1], 1, 1],
    [[1, 2], 1.5, 2],
    [[1, 2, 4], 2, 4],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5.5, 10],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 6, 10],
  ])("of %j are %d and %d", (numbers, median, p90) => {
    expect([medianOf(numbers), percentile90(numbers)]).toEqual([median, p90]);
  });
});

describe("the table", () => {
  const off = (id: string, pswpin: number, more: Partial<ScoredPhase> = {}) =>
    run({ pswpin }, { pswpin: 1000 }, { id, ...more });

  it("has all rows, each mode and LRU, and each backend", () => {
    const groups = scoreAll([off("a", 1000), off("b", 1000, { lru: "mglru", backend: "ext4 swapfile" })]);
    expect(groups.map(({ group, counters }) => [group, counters[0]?.pairs])).toEqual([
      ["all", 2],
      ["cgroup classic", 1],
      ["cgroup mglru", 1],
      ["ext4", 1],
      ["partition(virtio-blk)", 1],
    ]);
  });

  it("names the worst row, and of equals the last by name, whatever their order", () => {
    const rows = [off("b", 1100), off("c", 1100), off("a", 1050)];
    for (const order of [rows, rows.toReversed()]) {
      expect(scoreAll(order)[0]?.counters[0]?.worst).toMatchObject({
        id: "c",
        simulated: 1100,
        measured: 1000,
      });
    }
  });

  it("allows more in a mode and LRU than in all, if it has ten pairs", () => {
    const verdicts = (pairs: number) =>
      scoreAll(Array.from({ length: pairs }, (_, index) => off(`row ${index}`, 1020)))
        .slice(0, 2)
        .map(({ counters }) => counters[0]?.good);
    expect(verdicts(10)).toEqual([false, true]);
    expect(verdicts(9)).toEqual([false, false]);
  });

  it("is within the bounds only if few rows are skipped and none is unanswered", () => {
    const groups = scoreAll([off("a", 1000)]);
    expect(isWithinBounds(groups, { all: 20, skipped: 1, unanswered: 0 })).toBe(true);
    expect(isWithinBounds(groups, { all: 20, skipped: 2, unanswered: 0 })).toBe(false);
    expect(isWithinBounds(groups, { all: 20, skipped: 1, unanswered: 1 })).toBe(false);
  });

  it("is not decided by single backends", () => {
    const bad = off("b", 1100, { backend: "ext4 swapfile" });
    const good = Array.from({ length: 30 }, (_, index) => off(`row ${index}`, 1000));
    const groups = scoreAll([bad, ...good]);
    expect(groups.find(({ group }) => group === "ext4")?.counters[0]?.good).toBe(false);
    expect(isWithinBounds(groups, { all: 31, skipped: 0, unanswered: 0 })).toBe(true);
  });
});

describe("the spread of the real machine", () => {
  it("is the median over the repeated experiments, from the shipped measurements", () => {
    type Spread = Record<string, Record<string, { mean?: number; rel_range?: number }>>;
    const table = JSON.parse(shipped("spread.json.gz")) as Spread;
    const otherNames = new Map([
      ["blk.rd_ios", "rd_ios"],
      ["blk.wr_ios", "wr_ios"],
      ["wl.majflt", "wl_majflt"],
      ["wl.minflt", "wl_minflt"],
    ]);
    for (const [group, spreads] of Object.entries(SPREAD)) {
      const [mode, lru] = group.split(" ");
      const ids = Object.keys(table).filter(
        (id) =>
          id.startsWith(mode === "cgroup" ? "cg" : "gl") && id.includes("-lru0") === (lru === "classic"),
      );
      for (const counter of JUDGED) {
        const ranges = ids
          .map((id) => table[id]?.[otherNames.get(counter) ?? counter])
          .flatMap((entry) => ((entry?.mean ?? 0) >= 50 ? [entry?.rel_range ?? 0] : []))
          .sort((a, b) => a - b);
        expect([group, counter, spreads[counter]]).toEqual([
          group,
          counter,
          ranges.length > 0 ? medianOf(ranges) : undefined,
        ]);
      }
    }
  });
});
