import { describe, expect, it } from "vitest";
import type { Scenario, StrategyResult, Verdict } from "../../../sim/index.ts";
import { exitStatus, judgeExpectations } from "../../../src/experiments/index.ts";
import { fakeResult, smallScenario } from "../fakes.ts";

function judged(scenario: Partial<Scenario>, ...results: StrategyResult[]): readonly string[] {
  const whole = { ...smallScenario(), expect: {}, timeline: [], ...scenario };
  return judgeExpectations(whole, results).map(
    ({ what, held, got }) => `${what} ${held ? "held" : "failed"} (${got})`,
  );
}

function snapshot(expectation: Record<string, readonly string[]>): Scenario["timeline"] {
  return [{ id: "snap", at: 1, do: "snapshot", args: {}, expect: expectation }];
}

function answering(name: string, answer: string): StrategyResult {
  const report = {
    id: "snap",
    do: "snapshot",
    at: 1,
    endedAt: 2,
    result: answer,
    achieved: "",
    skipped: [],
    log: [],
  };
  return fakeResult(name, { operations: [report] });
}

describe("expectations", () => {
  it("of a verdict hold only for that very verdict", () => {
    const results = [
      fakeResult("bmap", { verdict: "corrupt" }),
      fakeResult("pinned", { verdict: "inconclusive" }),
    ];
    expect(judged({ expect: { bmap: "corrupt", pinned: "correct" } }, ...results)).toEqual([
      "bmap: corrupt held (corrupt)",
      "pinned: correct failed (inconclusive)",
    ]);
  });

  it("of variants that did not run are passed over", () => {
    expect(
      judged({ expect: { bmap: "corrupt" }, timeline: snapshot({ bmap: ["ok"] }) }, fakeResult("pinned")),
    ).toEqual([]);
  });

  it("of a step hold for any of its answers, and what is said of one variant goes before *", () => {
    const timeline = snapshot({ "*": ["ok"], pinned: ["ETXTBSY", "EBUSY"] });
    expect(judged({ timeline }, answering("pinned", "EBUSY"), answering("bmap", "EBUSY"))).toEqual([
      "pinned: snap answers ETXTBSY or EBUSY held (EBUSY)",
      "bmap: snap answers ok failed (EBUSY)",
    ]);
  });

  it("of a step that never ran fail", () => {
    expect(judged({ timeline: snapshot({ "*": ["ok"] }) }, fakeResult("bmap"))).toEqual([
      "bmap: snap answers ok failed (nothing)",
    ]);
  });
});

describe("the exit status", () => {
  const held = { what: "", held: true };
  const failed = { what: "", held: false };
  const all: readonly Verdict[] = [
    "corrupt",
    "deadlocked",
    "out-of-memory",
    "refused",
    "inconclusive",
    "correct",
  ];

  it.each(all)("is 0 when the expected %s came", (verdict) => {
    expect(exitStatus([held], [fakeResult("a", { verdict })])).toBe(0);
  });

  it.each(all)("is 1 when an expectation failed, whatever else held (%s)", (verdict) => {
    expect(exitStatus([held, failed], [fakeResult("a", { verdict })])).toBe(1);
  });

  it.each([
    ["corrupt", 1],
    ["deadlocked", 1],
    ["out-of-memory", 1],
    ["refused", 0],
    ["inconclusive", 0],
    ["correct", 0],
  ] as const)("without expectations is for %s: %d", (verdict, status) => {
    expect(exitStatus([], [fakeResult("a"), fakeResult("b", { verdict })])).toBe(status);
  });
});
