import { formatMany } from "../report/format.ts";
import type { CounterScore, GroupScore, Pair } from "./score.ts";
import type { Validation } from "./validate.ts";

const COUNTER_WIDTH = 26;

/** The terminal report: a table for each group, then what was left out and why. */
export function validationReport(validation: Validation): string {
  return [...validation.groups.map(groupTable), summary(validation)].join("\n");
}

function groupTable({ group, counters }: GroupScore): string {
  const head = `${"counter".padEnd(COUNTER_WIDTH)} class pairs   median      p90    worst row`;
  return `== ${group}\n${[head, ...counters.map(counterLine)].join("\n")}\n`;
}

/** An exclamation mark stands where a counter is out of its bounds. */
function counterLine({ counter, class: kind, pairs, median, p90, good, worst }: CounterScore): string {
  const numbers = `${String(pairs).padStart(5)} ${percent(median)} ${percent(p90)} ${good ? " " : "!"}`;
  return `${counter.padEnd(COUNTER_WIDTH)} ${kind}     ${numbers} ${nameOf(worst)}`;
}

function nameOf({ id, phase, simulated, measured }: Pair): string {
  return `${id}/${phase} ${simulated} against ${measured}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(7)}%`;
}

function summary({ rows, skips, approximated, withinBounds, strays }: Validation): string {
  const many = (outcome: string): number => rows.filter((row) => row.outcome === outcome).length;
  const lines = [
    `rows ${rows.length}, compared ${many("compared")}, skipped ${many("skipped")}, failed ${many("failed")}`,
    ...list("not modelled", skips),
    ...list("approximated", approximated),
    ...(strays > 0 ? [`${strays} further measurements belong to no row of these files`] : []),
    withinBounds === undefined
      ? "nothing was measured"
      : withinBounds
        ? "within the bounds"
        : "NOT within the bounds",
  ];
  return `${lines.join("\n")}\n`;
}

function list(title: string, counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts].map(([what, rows]) => `${title}: ${what} (${formatMany(rows, "row")})`);
}
