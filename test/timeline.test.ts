import { describe, expect, it } from "vitest";
import { SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import type { OperationReport, StrategyResult } from "../sim/result.ts";
import type { Scenario, TimelineStep } from "../sim/scenario.ts";
import { judgeExpectations } from "../src/experiments/expectations.ts";
import { plain, smallScenario, step } from "./support/scenarios.ts";

type Steps = readonly (TimelineStep & { readonly id: string })[];

function run(timeline: Steps, strategy = "pinned"): { scenario: Scenario; result: StrategyResult } {
  const scenario = smallScenario({ timeline, duration: 8 * SECOND });
  return { scenario, result: simulate(scenario, plain(strategy), { maps: false }) };
}

function reportsOf(timeline: Steps): Record<string, OperationReport> {
  const { operations } = run(timeline).result;
  return Object.fromEntries(operations.map((report) => [report.id, report]));
}

/** What was expected and did not come. */
function missed(timeline: Steps, strategy?: string): readonly string[] {
  const { scenario, result } = run(timeline, strategy);
  const judged = judgeExpectations(scenario, [result]);
  expect(judged.length).toBeGreaterThan(0);
  return judged.filter(({ held }) => !held).map(({ what, got }) => `${what}; got ${got}`);
}

const balance = (more: Partial<TimelineStep> = {}): TimelineStep => ({
  ...step(2, "balance"),
  id: "balance",
  ...more,
});

describe("a step begins", () => {
  it("when the steps it waits for have ended, and not before its own time", () => {
    const {
      balance: first,
      early,
      late,
    } = reportsOf([
      { ...step(0, "sync"), id: "early", wait: ["balance"] },
      balance(),
      { ...step(5, "sync"), id: "late", wait: ["early", "balance"] },
    ]);
    expect(early!.at).toBe(first!.endedAt);
    expect(late!.at).toBe(5 * SECOND);
  });

  it("as soon as its condition holds", () => {
    const when = { quantity: "pswpout", relation: ">=", limit: 500, isShare: false } as const;
    const { sync } = reportsOf([{ ...step(0, "sync"), id: "sync", when }]);
    expect(sync!.at).toBeGreaterThan(0);
    expect(sync!.result).toBe("ok");
  });

  it("never, if it never does", () => {
    const when = { quantity: "swapUsed", relation: ">", limit: 1, isShare: true } as const;
    const { sync } = reportsOf([{ ...step(0, "sync"), id: "sync", when }]);
    expect(sync).toMatchObject({ result: "not begun", achieved: "the run stopped before" });
  });
});

describe("what is expected at the end of a step", () => {
  const skips = "skipping relocation of block group";

  it("may differ by strategy: pinned skips the swap file's group, direct-io moves it", () => {
    const step = balance({
      log: { pinned: [skips], "direct-io": ["balance: start"] },
      state: {
        pinned: { blockGroup: { "/swapfile": "same" } },
        "direct-io": { blockGroup: { "/swapfile": "moved" }, skipped: [] },
      },
    });
    expect(missed([step], "pinned")).toEqual([]);
    expect(missed([step], "direct-io")).toEqual([]);
  });

  it("is missed by name, with what came instead", () => {
    const step = balance({
      log: { "*": ["no such message"] },
      state: {
        "*": { blockGroup: { "/swapfile": "moved" }, extents: { "/swapfile": 99 }, skipped: [], moved: [1] },
      },
    });
    const failed = missed([step]);
    expect(failed).toHaveLength(5);
    expect(failed.join("\n")).toMatch(/balance logs "no such message"; got "BTRFS info: balance: ended/);
    expect(failed.join("\n")).toMatch(/balance extents of \/swapfile 99; got \d+/);
  });

  it("tells moved and skipped block groups by the addresses that the log names", () => {
    const { result } = run([balance()]);
    const named = result.log.flatMap(
      ({ line }) => /skipping relocation of block group (\d+)/.exec(line)?.[1] ?? [],
    );
    const step = balance({ state: { "*": { skipped: named.map(Number) } } });
    expect(named.length).toBeGreaterThan(0);
    expect(missed([step])).toEqual([]);
  });

  it("is about what a reader finds, so compressing a file changes no contents", () => {
    const compresses = {
      ...step(0, "defrag", { path: "/db", compress: "zstd" }),
      id: "defrag",
      expect: { "*": ["ok"] },
      state: { "*": { unchanged: ["/db"] } },
    };
    const { scenario } = run([compresses]);
    const quiet = { ...scenario, tasks: scenario.tasks.filter(({ kind }) => kind === "memory") };
    const result = simulate(quiet, plain("pinned"), { maps: false });
    expect(judgeExpectations(quiet, [result]).filter(({ held }) => !held)).toEqual([]);
  });

  it("includes contents that did not change and nothing left behind", () => {
    const unwritten = { unchanged: ["/swapfile"], leftovers: "none" } as const;
    const before = { ...step(0, "sync"), id: "sync", state: { "*": unwritten } };
    expect(missed([before])).toEqual([]);
    const writes = {
      ...step(3, "write", { path: "/db", offset: 0, length: 4096 }),
      id: "write",
      state: { "*": { unchanged: ["/db"] } },
    };
    expect(missed([writes]).join()).toContain("contents of /db unchanged; got changed");
    const makes = {
      ...step(3, "reflink", { path: "/db", target: "/copy" }),
      id: "reflink",
      state: { "*": { leftovers: "none" as const } },
    };
    expect(missed([makes]).join()).toContain("leftovers none; got /copy");
  });

  it("is missed by a step that did not end", () => {
    const when = { quantity: "swapUsed", relation: ">", limit: 1, isShare: true } as const;
    expect(missed([balance({ when, state: { "*": { leftovers: "none" } } })]).join()).toContain("got no end");
  });
});
