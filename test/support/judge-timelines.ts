import { expect, it } from "vitest";
import { NOT_BEGUN, type StrategyResult, type VIOLATION_CLASSES } from "../../sim/index.ts";
import { runTimelines, seldomSucceeded } from "./random-timelines.ts";

/** Classes by which a block list taken once can fail: everything but a store that memory management lost. */
const STALE_LIST: readonly (keyof typeof VIOLATION_CLASSES)[] = ["A", "B", "C", "D", "E", "F", "G", "H"];

function isRight({ verdict, checks, breaches, violations, operations, log }: StrategyResult): void {
  expect(checks).toEqual([]);
  expect(breaches).toEqual([]);
  expect(violations).toEqual([]);
  for (const { do: name, result, achieved } of operations) {
    if (name !== "power-loss" || result === "running" || result === NOT_BEGUN) continue;
    expect(achieved).toContain("fsck found nothing");
  }
  // After an abort, asked for or for lack of space, nothing can be swapped out through the filesystem any more; and what
  // swapoff brings back may not fit into memory.
  const answered = (name: string, errno: string) =>
    operations.some(({ do: operation, result }) => operation === name && result === errno);
  const starved =
    answered("abort-transaction", "ok") ||
    answered("swapoff", "ENOMEM") ||
    log.some(({ line }) => line.includes("Transaction aborted"));
  expect(["correct", "inconclusive", ...(starved ? ["out-of-memory"] : [])]).toContain(verdict);
}

function isExplained({ checks, breaches, violations }: StrategyResult): void {
  expect(checks).toEqual([]);
  expect(breaches).toEqual([]);
  for (const { class: kind, because } of violations) {
    expect(STALE_LIST).toContain(kind);
    expect(because.length).toBeGreaterThan(0);
  }
}

/** How many random timelines a strategy, and which: the same seeds give the same ones in every run. */
interface Amount {
  readonly runs: number;
  readonly seeds: readonly number[];
  /** For the whole test, in ms. */
  readonly timeout: number;
}

/** Under pinned and direct-io; each operation must have succeeded at least `least` times over all timelines. */
export function judgeSafeTimelines({
  runs,
  seeds,
  timeout,
  least,
}: Amount & { readonly least: number }): void {
  it(
    "pinned and direct-io keep every page and every file, with a clean recount, whatever happens",
    () => {
      const tallies = ["pinned", "direct-io"].flatMap((strategy) =>
        seeds.map((seed) => runTimelines(strategy, runs, isRight, seed)),
      );
      expect(seldomSucceeded(tallies, least)).toEqual([]);
      for (const { readBack } of tallies) expect(readBack).toBeGreaterThan(0.3);
    },
    timeout,
  );
}

/** Under bmap. */
export function judgeStaleTimelines({ runs, seeds, timeout }: Amount): void {
  it(
    "bmap fails by a stale block list only, and each failure is explained",
    () => {
      for (const seed of seeds) {
        expect(runTimelines("bmap", runs, isExplained, seed).readBack).toBeGreaterThan(0.3);
      }
    },
    timeout,
  );
}
