import Table from "cli-table3";
import type { OperationReport, StrategyResult, ViolationClass } from "../../sim/index.ts";
import { formatBytes, formatCount, formatDuration, formatPercent, wrap } from "./format.ts";

/** One line of the side-by-side table. */
interface Row {
  readonly label: string;
  readonly cell: (result: StrategyResult) => string;
  readonly paint?: (text: string, result: StrategyResult) => string;
}

const LABEL_WIDTH = 19;
/** A space on each side of a cell. */
const PADDING = 2;
const NARROWEST = 12;

/** The variants side by side, `columns` wide, one row for each thing that can be compared. */
export function sideBySide(
  results: readonly StrategyResult[],
  columns: number,
  paint: (text: string, result: StrategyResult) => string,
): string {
  const borders = results.length + 2;
  const room = Math.floor((columns - borders - LABEL_WIDTH) / results.length);
  const width = Math.max(NARROWEST, room);
  const table = new Table({
    head: ["", ...results.map(({ name }) => wrap(name, width - PADDING).join("\n"))],
    colWidths: [LABEL_WIDTH, ...results.map(() => width)],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rowsFor(results, paint)) {
    const cells = results.map((result) => paintedCell(row, result, width - PADDING));
    table.push([wrap(row.label, LABEL_WIDTH - PADDING).join("\n"), ...cells]);
  }
  return table.toString();
}

/** Colours line by line, because a colour that spans lines would run into the neighbouring cell. */
function paintedCell({ cell, paint }: Row, result: StrategyResult, width: number): string {
  const lines = wrap(cell(result), width);
  return lines.map((line) => (paint ? paint(line, result) : line)).join("\n");
}

/** All rows that mean something for these results: without a filesystem there is no space to compare. */
function rowsFor(results: readonly StrategyResult[], paint: Row["paint"]): readonly Row[] {
  const onFilesystem = results.some(({ space }) => space !== undefined);
  return [
    { label: "verdict", cell: ({ verdict }) => verdict, ...(paint ? { paint } : {}) },
    { label: "corrupt pages", cell: ({ totals }) => formatCount(totals.corruptPages) },
    { label: "corrupt files", cell: ({ totals }) => formatCount(totals.corruptFiles) },
    { label: "violations", cell: ({ totals }) => violations(totals.byClass) },
    { label: "fault p50", cell: ({ faultLatencyNs }) => latency(faultLatencyNs.p50) },
    { label: "fault p99", cell: ({ faultLatencyNs }) => latency(faultLatencyNs.p99) },
    { label: "fault p99.9", cell: ({ faultLatencyNs }) => latency(faultLatencyNs.p999) },
    { label: "page-ins", cell: ({ counters }) => formatCount(counters["pswpin"] ?? 0) },
    { label: "page-outs", cell: ({ counters }) => formatCount(counters["pswpout"] ?? 0) },
    { label: "major faults", cell: ({ counters }) => formatCount(counters["pgmajfault"] ?? 0) },
    { label: "stalled some/full", cell: stalled },
    ...stepRows(results),
    ...(onFilesystem ? SPACE_ROWS : []),
  ];
}

const SPACE_ROWS: readonly Row[] = [
  { label: "extra space, peak", cell: ({ space }) => (space ? formatBytes(space.extraPeak) : "-") },
  { label: "swap file extents", cell: extents },
];

/** Without a major fault there is nothing to measure. */
function latency(nanoseconds: number): string {
  return nanoseconds === 0 ? "-" : formatDuration(nanoseconds);
}

/** How the swap file was spread before and after: maintenance may have cut it or put it together. */
function extents({ space }: StrategyResult): string {
  if (!space) return "-";
  return `${formatCount(space.swapFileExtentsBefore)} -> ${formatCount(space.swapFileExtentsAfter)}`;
}

/** How many of each class; zeroes are left out. */
function violations(byClass: Readonly<Record<ViolationClass, number>>): string {
  const found = Object.entries(byClass).filter(([, count]) => count > 0);
  return found.length === 0
    ? "none"
    : found.map(([kind, count]) => `${kind} ${formatCount(count)}`).join(", ");
}

/** Pressure over the whole run, which unlike the averages does not depend on when one looks. */
function stalled({ psi, simulatedNs }: StrategyResult): string {
  const share = (total: number): string => formatPercent(simulatedNs === 0 ? 0 : total / simulatedNs);
  return `${share(psi.some.total)} / ${share(psi.full.total)}`;
}

/** One row per step of the timeline, labelled with its time as the scenario writes it. */
function stepRows(results: readonly StrategyResult[]): readonly Row[] {
  const steps = results[0]?.operations ?? [];
  return steps.map(({ id, at }) => ({
    label: `${formatDuration(at).replace(" ", "")} ${id}`,
    cell: ({ operations }) => stepOutcome(operations.find((step) => step.id === id)),
  }));
}

/** What a step achieved, or why it was refused, and what it left alone. */
function stepOutcome(step: OperationReport | undefined): string {
  if (!step) return "-";
  const { result, achieved, skipped } = step;
  const outcome = result === "ok" ? achieved : `${result}: ${achieved}`;
  return [outcome, ...skippedByReason(skipped)].join("; ");
}

/** A balance may skip hundreds of block groups for one reason; the reason is told once. */
function skippedByReason(skipped: OperationReport["skipped"]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `skipped ${formatCount(count)}: ${reason}`);
}
