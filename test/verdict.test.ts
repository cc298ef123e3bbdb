import { describe, expect, it } from "vitest";
import type { Violation } from "../sim/oracle/index.ts";
import type { Witnesses } from "../sim/result.ts";
import { type Evidence, judge } from "../sim/verdict.ts";

const witnesses: Witnesses = {
  pagesSwappedOut: 10,
  pagesSwappedIn: 10,
  pagesReclaimed: 10,
  slotsRelocated: 3,
  slotsReadBackAfterwards: 2,
  reasons: {},
};
const violation: Violation = { class: "A", at: 1, what: "page 1", got: "x", expected: "y", because: [] };
const none = { A: 0, B: 0, C: 0, D: 0, E: 0, F: 0, G: 0, H: 0, L: 0 };
const sound: Evidence = {
  outcome: { kind: "finished", at: 9 },
  cycle: undefined,
  violationCounts: none,
  firstViolation: undefined,
  oomKills: 0,
  refusal: undefined,
  witnesses,
  needsRelocation: true,
};
const everything: Evidence = {
  ...sound,
  violationCounts: { ...none, A: 1 },
  firstViolation: violation,
  cycle: "a waits for b",
  oomKills: 1,
  refusal: "EINVAL",
  witnesses: { ...witnesses, pagesSwappedOut: 0 },
};

describe("the verdict", () => {
  it.each([
    ["corrupt", everything],
    ["deadlocked", { ...everything, firstViolation: undefined }],
    ["out-of-memory", { ...everything, firstViolation: undefined, cycle: undefined }],
    ["refused", { ...everything, firstViolation: undefined, cycle: undefined, oomKills: 0 }],
    [
      "inconclusive",
      { ...everything, firstViolation: undefined, cycle: undefined, oomKills: 0, refusal: undefined },
    ],
    ["correct", sound],
  ] as const)("is %s when nothing stronger holds", (verdict, evidence) => {
    expect(judge(evidence).verdict).toBe(verdict);
  });

  it.each([
    ["pagesSwappedOut", "no page was swapped out"],
    ["pagesReclaimed", "no page was reclaimed"],
    ["pagesSwappedIn", "no page was swapped in"],
    ["slotsRelocated", "no operation met a block that held a swapped-out page"],
    ["slotsReadBackAfterwards", "no page was read back after an operation had met its block"],
  ] as const)("is inconclusive without %s", (witness, reason) => {
    expect(judge({ ...sound, witnesses: { ...witnesses, [witness]: 0 } })).toEqual({
      verdict: "inconclusive",
      reason,
    });
  });

  it("asks a partition for no relocation", () => {
    const still = { ...witnesses, slotsRelocated: 0, slotsReadBackAfterwards: 0 };
    expect(judge({ ...sound, witnesses: still, needsRelocation: false }).verdict).toBe("correct");
  });

  it("is deadlocked when nothing is pending and somebody waits", () => {
    const waiting = [{ process: "balance", label: "lock", on: undefined }];
    expect(judge({ ...sound, outcome: { kind: "deadlocked", at: 1, waiting } }).reason).toContain("balance");
  });
});
