import { describe, expect, it } from "vitest";
import { MIB, SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import type { Violation } from "../sim/oracle/index.ts";
import type { StrategyResult } from "../sim/result.ts";
import type { Scenario } from "../sim/scenario.ts";
import { memoryTask, plain, smallScenario, step, writerTask } from "./support/scenarios.ts";

const run = (strategy: string, more: Partial<Scenario> = {}): StrategyResult =>
  simulate(smallScenario(more), plain(strategy));

/** The three strategies on the small scenario, recounted every few steps. */
const three = Object.fromEntries(
  ["bmap", "pinned", "direct-io"].map((name) => [
    name,
    simulate(smallScenario(), plain(name), { thorough: true }),
  ]),
);

describe("one machine, three ways to swap", () => {
  it("is corrupt under bmap once balance has moved the swap file", () => {
    const result = three["bmap"]!;
    expect(result.verdict).toBe("corrupt");
    expect(result.totals.byClass.A + result.totals.byClass.B).toBeGreaterThan(0);
    expect(result.checks).toEqual([]);
  });

  it("is correct under pinned, because balance skips the swap file's block groups", () => {
    const result = three["pinned"]!;
    expect(result).toMatchObject({ verdict: "correct", violations: [], checks: [] });
    expect(result.operations[0]).toMatchObject({ result: "ok", skipped: [expect.anything()] });
    expect(result.witnesses.slotsReadBackAfterwards).toBeGreaterThan(0);
  });

  it("is correct under direct-io, and the blocks move", () => {
    const result = three["direct-io"]!;
    expect(result).toMatchObject({ verdict: "correct", violations: [], checks: [] });
    expect(Object.keys(result.witnesses.reasons).join()).toContain("moved");
  });

  it("says how much of the swap file lies elsewhere in the end: all of it, unless it is pinned", () => {
    const moved = ["bmap", "pinned", "direct-io"].map((name) => three[name]?.space?.swapFileMoved);
    expect(moved).toEqual([1, 0, 1]);
  });

  it("tells the story of a wrong page, from the capture of its address to the read", () => {
    const wrong = three["bmap"]?.violations.find((violation) => violation.class === "A");
    const story = wrong?.because.map((event) => event.what).join("; ");
    expect(story).toContain("swapon wrote down the addresses of");
    expect(story).toContain("left behind");
    expect(story).toContain("the commit made the blocks reusable");
    expect(wrong?.because.map((event) => event.at)).toEqual(
      wrong?.because.map((event) => event.at).toSorted((a, b) => a - b),
    );
  });
});

describe("damage under bmap", () => {
  it("does not show before a commit has made the freed blocks reusable", () => {
    const result = three["bmap"]!;
    for (const violation of result.violations) {
      const reusable = violation.because.find((event) =>
        event.what.includes("the commit made the blocks reusable"),
      );
      expect(violation.at).toBeGreaterThan(reusable?.at ?? Number.POSITIVE_INFINITY);
    }
  });

  it("shows nothing when the machine stops right after the balance began", () => {
    const quick = run("bmap", { duration: 5 * SECOND + 1000 });
    expect(quick.violations).toEqual([]);
  });

  it("hits a snapshot at once", () => {
    const result = run("bmap", { timeline: [step(5, "snapshot", { subvolume: "/" })] });
    expect(result.totals.byClass.F).toBeGreaterThan(0);
  });

  it("hits no clone, because the VFS lets nobody clone, cut or remove a file that swapon has marked", () => {
    const { operations } = run("bmap", {
      timeline: [
        step(5, "reflink", { path: "/swapfile", target: "/copy" }),
        step(5, "truncate", { path: "/swapfile", size: MIB }),
        step(5, "unlink", { path: "/swapfile" }),
      ],
    });
    expect(operations.map(({ result }) => result)).toEqual(["ETXTBSY", "ETXTBSY", "EPERM"]);
  });
});

describe("a snapshot", () => {
  it("is refused under pinned and stays intact under direct-io", () => {
    const timeline = [step(5, "snapshot", { subvolume: "/" })];
    expect(run("pinned", { timeline }).operations[0]?.result).toBe("ETXTBSY");
    const routed = run("direct-io", { timeline });
    expect(routed.operations[0]?.result).toBe("ok");
    expect(routed.verdict).toBe("correct");
  });
});

describe("the control", () => {
  it.each(["bmap", "pinned", "direct-io"])("is inconclusive under %s when nothing swaps", (strategy) => {
    const result = run(strategy, { tasks: [memoryTask(300), writerTask("/db")] });
    expect(result).toMatchObject({ verdict: "inconclusive", reason: "no page was swapped out" });
  });

  it("is inconclusive when pages swap and nothing meets their blocks", () => {
    expect(run("pinned", { timeline: [] }).verdict).toBe("inconclusive");
  });
});

describe("pagestorm catches its own mistakes", () => {
  it("a dirty bit dropped in reclaim is a lost store", () => {
    const result = run("pinned", { faults: ["dropDirtyBit"] });
    expect(result.verdict).toBe("corrupt");
    expect(result.totals.byClass.L).toBeGreaterThan(0);
  });

  it("an extent start forgotten writes over other blocks", () => {
    // Single metadata lies in the first MiBs of the device, where the swap file does not.
    const filesystem = { ...smallScenario().filesystem!, options: { metadata: "single" } };
    const result = run("pinned", { faults: ["forgetExtentStart"], duration: 20 * SECOND, filesystem });
    expect(result.verdict).toBe("corrupt");
    expect(result.totals.byClass.C).toBeGreaterThan(0);
  });

  it("a block reused before the commit is a wrong page before any commit could have freed it", () => {
    const files = [
      { path: "/swapfile", size: 16 * MIB, nocow: true, preallocated: false, extents: 64 },
      { path: "/db", size: 256 * MIB, nocow: false, preallocated: false, extents: 40 },
    ];
    const timeline = [step(2, "defrag", { path: "/swapfile" })];
    const first = (faults: readonly string[]): Violation => {
      const scenario = smallScenario({ faults, timeline, duration: 45 * SECOND });
      const filesystem = { ...scenario.filesystem!, files };
      return simulate({ ...scenario, filesystem }, plain("bmap")).violations[0]!;
    };
    expect(first([]).at).toBeGreaterThan(30 * SECOND);
    const early = first(["reuseBeforeCommit"]);
    expect(early).toMatchObject({ class: "A" });
    expect(early.at).toBeLessThan(30 * SECOND);
  });
});

describe("determinism", () => {
  it("gives the same bytes for the same seed and another fingerprint for another", () => {
    const once = run("direct-io", { duration: 15 * SECOND });
    expect(JSON.stringify(run("direct-io", { duration: 15 * SECOND }))).toBe(JSON.stringify(once));
    expect(run("direct-io", { duration: 15 * SECOND, seed: "other" }).fingerprint).not.toBe(once.fingerprint);
  });
});
