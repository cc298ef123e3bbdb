import { expect, it } from "vitest";
import type { StrategyResult, VIOLATION_CLASSES } from "../../sim/index.ts";
import { runTimelines, seldomSucceeded } from "./random-timelines.ts";

/** Classes by which a block list taken once can fail: everything but a store that memory management lost. */
const STALE_LIST: readonly (keyof typeof VIOLATION_CLASSES)[] = ["A", "B", "C", "D", "E", "F", "G", "H"];

function isRight({ verdict, checks, breaches, violations, operations, log }: StrategyResult): void {
  expect(checks).toEqual([]);
  expect(breaches).toEqual([]);
  expect(violations).toEqual([]);
  for (const { do: name, result, achieved } of operations) {
    if (name === "power-loss" && result !== "running") expect(achieved).toContain("fsck found nothing");
  }
  // After an abort, asked for or for lack of space, nothing can be swapped out through the filesystem any more.
  const aborted =
    operations.some(({ do: name, result }) => name === "abort-transaction" && result === "ok") ||
    log.some(({ line }) => line.includes("Transaction aborted"));
  expect(["correct", "inconclusive", ...(aborted ? ["out-of-memory"] : [])]).toContain(verdict);
}

function isExplained({ checks, breaches, violations }: StrategyResult): void {
  expect(checks).toEqual([]);
  expect(breaches).toEqual([]);
  for (const { class: kind, because } of violations) {
    expect(STALE_LIST).toContain(kind);
    expect(because.length).toBeGreaterThan(0);
  }
}

/** So many random timelines a strategy; each operation must have succeeded at least `least` times over all of them. */
export function judgeTimelines(runs: number, least: number, timeout: number): void {
  it(
    "pinned and direct-io keep every page and every file, with a clean recount, whatever happens",
    () => {
      const tallies = [runTimelines("pinned", runs, isRight), runTimelines("direct-io", runs, isRight)];
      expect(seldomSucceeded(tallies, least)).toEqual([]);
      for (const { readBack } of tallies) expect(readBack).toBeGreaterThan(0.3);
    },
    timeout,
  );

  it(
    "bmap fails by a stale block list only, and each failure is explained",
    () => {
      expect(runTimelines("bmap", runs, isExplained).readBack).toBeGreaterThan(0.3);
    },
    timeout,
  );
}
