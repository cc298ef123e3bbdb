import type { StrategyDocument } from "../experiments/index.ts";
import { sharesOf, TIME_KINDS } from "./fault-time.ts";
import { formatBytes, formatCount, formatDuration, formatPercent } from "./format.ts";

type Operation = StrategyDocument["operations"][number];

/** One line of a side-by-side table: what is compared, and the text for one variant. */
export interface Row {
  readonly label: string;
  readonly cell: (result: StrategyDocument) => string;
}

/** All rows that mean something for these results: without a filesystem there is no space to compare. */
export function rowsFor(results: readonly StrategyDocument[]): readonly Row[] {
  const onFilesystem = results.some(({ space }) => space !== null);
  return [
    { label: "verdict", cell: ({ verdict }) => verdict },
    { label: "corrupt pages", cell: ({ totals }) => formatCount(totals.corruptPages) },
    { label: "corrupt files", cell: ({ totals }) => formatCount(totals.corruptFiles) },
    { label: "violations", cell: ({ totals }) => violations(totals.byClass) },
    { label: "fault p50", cell: ({ faultLatencyNs }) => latency(faultLatencyNs.p50) },
    { label: "fault p99", cell: ({ faultLatencyNs }) => latency(faultLatencyNs.p99) },
    { label: "fault p99.9", cell: ({ faultLatencyNs }) => latency(faultLatencyNs.p999) },
    { label: "time in faults", cell: faultTime },
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

/** What the time of faults that had to wait was spent on. */
function faultTime(result: StrategyDocument): string {
  const told = sharesOf(result).map(([kind, share]) => `${TIME_KINDS[kind]} ${formatPercent(share)}`);
  return told.join(", ") || "-";
}

/** How the swap file was spread before and after: maintenance may have cut it or put it together. */
function extents({ space }: StrategyDocument): string {
  if (!space) return "-";
  return `${formatCount(space.swapFileExtentsBefore)} -> ${formatCount(space.swapFileExtentsAfter)}`;
}

/** How many of each class; zeroes are left out. */
function violations(byClass: Readonly<Record<string, number>>): string {
  const found = Object.entries(byClass).filter(([, count]) => count > 0);
  return found.length === 0
    ? "none"
    : found.map(([kind, count]) => `${kind} ${formatCount(count)}`).join(", ");
}

/** Pressure over the whole run, which unlike the averages does not depend on when one looks. */
function stalled({ psi, simulatedNs }: StrategyDocument): string {
  const share = (total: number): string => formatPercent(simulatedNs === 0 ? 0 : total / simulatedNs);
  return `${share(psi.some.total)} / ${share(psi.full.total)}`;
}

/** One row per step of the timeline, labelled with the time at which it began, if that is one for all and not the start. */
function stepRows(results: readonly StrategyDocument[]): readonly Row[] {
  const steps = results[0]?.operations ?? [];
  return steps.map(({ id, at }) => {
    const find = ({ operations }: StrategyDocument): Operation | undefined =>
      operations.find((step) => step.id === id);
    const isOneTime = at > 0 && results.every((result) => find(result)?.at === at);
    return {
      label: isOneTime ? `${formatDuration(at).replace(" ", "")} ${id}` : id,
      cell: (result) => stepOutcome(find(result)),
    };
  });
}

/** What a step achieved, or why it was refused, and what it left alone. */
function stepOutcome(step: Operation | undefined): string {
  if (!step) return "-";
  const { result, achieved, skipped } = step;
  const outcome = result === "ok" ? achieved : `${result}: ${achieved}`;
  return [outcome, ...skippedByReason(skipped)].join("; ");
}

/** A balance may skip hundreds of block groups for one reason; the reason is told once. */
function skippedByReason(skipped: Operation["skipped"]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `skipped ${formatCount(count)}: ${reason}`);
}
