import { describe, expect, it } from "vitest";
import type { BugSpec, StrategyVariant } from "../../../sim/index.ts";
import {
  cellOf,
  type Exploration,
  type MatrixCell,
  matrixTable,
  planMatrix,
  type SearchOutcome,
  type Toggles,
} from "../../../src/explore/index.ts";
import { exploration, searchOutcome } from "./outcomes.ts";

const NO_TOGGLES: Toggles = { on: [], off: [], broken: false };
const VARIANTS = ["bmap", "pinned"].map((name) => ({ name }) as StrategyVariant);
const BUG = { fix: { off: ["noLock", "noCount"], on: ["softPin"] } } as unknown as BugSpec;

/** A search by name that found something with its so-manieth schedule. */
function found(toggles: Toggles, schedulesToFirst: number): Exploration {
  const counterExample = { switchesAfter: 0, rows: [] } as never;
  const searches = [searchOutcome({ search: "pct", schedulesToFirst, counterExample })];
  return { scenario: "s", strategy: "pinned", toggles, seed: "1", bound: 2, throughFiles: true, searches };
}

describe("the fix matrix", () => {
  it("breaks each thing alone, all of them, and nothing", () => {
    const plan = planMatrix(found({ on: ["extra"], off: [], broken: true }, 5), BUG, VARIANTS);
    expect(plan?.rows).toEqual([
      { name: "noLock", toggles: { ...NO_TOGGLES, on: ["noLock"] } },
      { name: "noCount", toggles: { ...NO_TOGGLES, on: ["noCount"] } },
      { name: "extra", toggles: { ...NO_TOGGLES, on: ["extra"] } },
      { name: "without softPin", toggles: { ...NO_TOGGLES, off: ["softPin"] } },
      { name: "all of them", toggles: { on: ["extra"], off: [], broken: true } },
      { name: "none of them", toggles: NO_TOGGLES },
    ]);
  });

  it("has one row if nothing is broken, and needs no row for all if one thing is", () => {
    expect(planMatrix(found(NO_TOGGLES, 5), undefined, VARIANTS)?.rows.map(({ name }) => name)).toEqual([
      "as the file is",
    ]);
    const one = planMatrix(found({ ...NO_TOGGLES, on: ["extra"] }, 5), undefined, VARIANTS);
    expect(one?.rows.map(({ name }) => name)).toEqual(["extra", "none of them"]);
  });

  it("tries the strategy that was explored first, then those of the file", () => {
    expect(planMatrix(found(NO_TOGGLES, 5), undefined, VARIANTS)?.strategies).toEqual(["pinned", "bmap"]);
  });

  it.each([
    [5, 1000],
    [400, 1200],
    [9000, 20_000],
  ])("after a find with schedule %i tries %i in each cell", (first, schedules) => {
    expect(planMatrix(found(NO_TOGGLES, first), undefined, VARIANTS)?.schedules).toBe(schedules);
  });

  it("is not made if nothing was found", () => {
    const nothing = { ...found(NO_TOGGLES, 5), searches: [searchOutcome()] };
    expect(planMatrix(nothing, undefined, VARIANTS)).toBeUndefined();
  });

  it("keeps to the number of schedules that was asked for", () => {
    expect(planMatrix(found(NO_TOGGLES, 5), undefined, VARIANTS, 300)?.schedules).toBe(300);
  });

  it("says safe only of a search that came to its end and had its witnesses", () => {
    const complete = { complete: true, schedules: 7 };
    const cell = (strategy: string, ...searches: SearchOutcome[]): MatrixCell =>
      cellOf(exploration(searches, { strategy }));
    const cells = [
      cell("a", searchOutcome({ schedulesToFirst: 3 })),
      cell("b", searchOutcome({ exhaustive: true, explored: complete })),
      cell("c", searchOutcome()),
      cell("d", searchOutcome({ exhaustive: true, explored: { ...complete, witnesses: undefined } })),
      cell("e", searchOutcome({ stopped: "interrupted" })),
      cell("f"),
    ];
    expect(matrixTable({ search: "pct", schedules: 1000, rows: [{ name: "noLock", cells }] })).toEqual([
      ["broken", "a", "b", "c", "d", "e", "f"],
      [
        "noLock",
        "violated, schedule 3",
        "safe, all 7",
        "none in 10",
        "no witness in 7",
        "none in 10, stopped",
        "-",
      ],
    ]);
  });
});
