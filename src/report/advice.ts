import type { StrategyDocument } from "../experiments/index.ts";
import { formatDuration, formatMany } from "./format.ts";

/** A fault is called slower from here on. */
const NOTICEABLE = 1.1;

/** Answers "may I use this swap file?" for one variant, from what its run showed. */
export function advise(result: StrategyDocument, all: readonly StrategyDocument[]): string {
  switch (result.verdict) {
    case "corrupt":
      return `no: ${damage(result)}`;
    case "deadlocked":
      return "no: the machine hung";
    case "out-of-memory":
      return "not like this: tasks were killed for lack of memory";
    case "refused":
      return `no: ${result.reason}`;
    case "inconclusive":
      return `this run cannot tell: ${result.reason}`;
    case "correct":
      return approve(result, all);
  }
}

/** The damage in numbers. Metadata may be harmed although no page and no file counts as corrupt. */
function damage({ totals }: StrategyDocument): string {
  const { corruptPages, corruptFiles } = totals;
  const parts = [
    ...(corruptPages > 0 ? [`${formatMany(corruptPages, "page")} came back wrong`] : []),
    ...(corruptFiles > 0 ? [`${formatMany(corruptFiles, "file")} damaged`] : []),
  ];
  return parts.length > 0 ? parts.join(", ") : "contents were harmed";
}

/** A yes with its price. */
function approve(result: StrategyDocument, all: readonly StrategyDocument[]): string {
  const reservations = [...hindrances(result), ...costs(result, all)];
  return reservations.length === 0 ? "yes" : `yes, but ${reservations.join("; ")}`;
}

/** Maintenance that the strategy stood in the way of. */
function hindrances({ operations }: StrategyDocument): readonly string[] {
  return operations.flatMap(({ id, result, skipped }) => {
    if (result === "running") return [`${id} did not end`];
    if (result !== "ok") return [`${id} is refused (${result})`];
    return skipped.length > 0
      ? [`${id} skips ${formatMany(skipped.length, "part")} (${skipped[0]!.reason})`]
      : [];
  });
}

/** What it costs beside the quickest variant that harmed nothing. */
function costs(result: StrategyDocument, all: readonly StrategyDocument[]): readonly string[] {
  const sound = all.filter(({ verdict, faultLatencyNs }) => verdict === "correct" && faultLatencyNs.p50 > 0);
  const quickest = sound.toSorted((left, right) => left.faultLatencyNs.p50 - right.faultLatencyNs.p50)[0];
  if (!quickest || quickest.name === result.name) return [];
  const ratio = result.faultLatencyNs.p50 / quickest.faultLatencyNs.p50;
  if (ratio < NOTICEABLE) return [];
  const latency = formatDuration(result.faultLatencyNs.p50);
  return [`a fault takes ${latency}, ${ratio.toFixed(1)} times as long as with ${quickest.name}`];
}
