import { describe, expect, it } from "vitest";
import { documentOf } from "../../../src/experiments/index.ts";
import { flameOf, sharesOf } from "../../../src/report/fault-time.ts";
import { fakeResult, smallScenario } from "../fakes.ts";

describe("the time in faults", () => {
  const document = documentOf(
    {
      scenario: smallScenario(),
      results: [fakeResult("pinned")],
      expectations: [],
      exitStatus: 0,
      timing: { seconds: 0, strategies: [] },
    },
    "run",
  ).strategies[0]!;

  it("adds up by kind", () => {
    expect(sharesOf(document)).toEqual([
      ["device", 0.75],
      ["cpu", 0.1],
      ["memory", 0.15],
    ]);
  });

  it("is a flame graph: each box lies on the one it is part of, the larger ones first", () => {
    const told = flameOf(document).map(({ name, depth, from, to }) => [name, depth, from, to]);
    expect(told).toEqual([
      ["page-in", 0, 0, 1],
      ["folio_wait_bit (PG_locked)", 1, 0, 0.75],
      ["direct reclaim", 1, 0.75, 0.9],
      ["reclaim_throttle", 2, 0.75, 0.9],
      ["handle_mm_fault", 1, 0.9, 1],
    ]);
  });

  it("is nothing if no fault had to wait", () => {
    const quiet = { ...document, faultTime: { faults: 0, slices: [] } };
    expect([sharesOf(quiet), flameOf(quiet)]).toEqual([[], []]);
  });
});
