import { NOT_BEGUN } from "../../sim/index.ts";
import type { StrategyDocument } from "../experiments/index.ts";
import { formatDuration, formatMany, formatPercent } from "./format.ts";

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
      if (stale(result)) return `no: ${stale(result)}`;
      return `this run cannot tell: ${[result.reason, ...hindrances(result)].join("; ")}`;
    case "correct":
      return stale(result) ? `no: ${stale(result)}` : approve(result, all);
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

/** Nothing was harmed so far, but swap writes to where the file has been. */
function stale({ space }: StrategyDocument): string | undefined {
  const share = space?.swapFileStale ?? 0;
  if (share === 0) return undefined;
  return `${formatPercent(share)} of the swap file has moved and swap still writes to the old places; the damage is yet to come`;
}

/** A yes with its price. */
function approve(result: StrategyDocument, all: readonly StrategyDocument[]): string {
  const reservations = [...hindrances(result), ...costs(result, all)];
  return reservations.length === 0 ? "yes" : `yes, but ${reservations.join("; ")}`;
}

/** Items by what they have in common, in the order of the first of each group. */
function groupedBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, readonly Item[]> {
  const groups = new Map<Key, readonly Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

type Operation = StrategyDocument["operations"][number];

/** Maintenance that the strategy stood in the way of; steps that fared alike are told together. */
function hindrances({ operations }: StrategyDocument): readonly string[] {
  const alike = groupedBy(operations, (operation) => hindrance(operation, true));
  return [...alike].flatMap(([what, steps]) =>
    what === undefined ? [] : [`${namesOf(steps)} ${hindrance(steps[0]!, steps.length > 1)}`],
  );
}

/** What stood in the way of one step, or of several. */
function hindrance({ result, skipped }: Operation, several: boolean): string | undefined {
  if (result === "running") return "did not end";
  if (result === NOT_BEGUN) return "did not begin";
  if (result !== "ok") return `${several ? "are" : "is"} refused (${result})`;
  if (skipped.length === 0) return undefined;
  return `${several ? "skip" : "skips"} ${formatMany(skipped.length, "part")} (${skipped[0]!.reason})`;
}

/** Steps by their ids, those of one kind by how many they are. */
function namesOf(steps: readonly Operation[]): string {
  const kinds = [...groupedBy(steps, (step) => step.do)];
  return kinds.map(([kind, same]) => (same.length > 1 ? `${same.length} × ${kind}` : same[0]!.id)).join(", ");
}

/** Quickest at the median first, of equal ones those that are at the tail: the order of the variants tells nothing. */
function byLatency(left: StrategyDocument, right: StrategyDocument): number {
  const [a, b] = [left.faultLatencyNs, right.faultLatencyNs];
  return a.p50 - b.p50 || a.p99 - b.p99 || (left.name < right.name ? -1 : 1);
}

/** What it costs beside the quickest variant that harmed nothing: at the median or at the tail, whichever is worse. */
function costs(result: StrategyDocument, all: readonly StrategyDocument[]): readonly string[] {
  const sound = all.filter((other) => {
    return other.verdict === "correct" && !stale(other) && other.faultLatencyNs.p50 > 0;
  });
  const quickest = sound.toSorted(byLatency)[0];
  if (!quickest || quickest.name === result.name) return [];
  const ratioOf = (at: "p50" | "p99"): number => result.faultLatencyNs[at] / quickest.faultLatencyNs[at];
  const at = ratioOf("p99") > ratioOf("p50") ? "p99" : "p50";
  if (ratioOf(at) < NOTICEABLE) return [];
  const whose = at === "p99" ? "one fault in a hundred takes at least" : "a fault takes";
  const latency = formatDuration(result.faultLatencyNs[at]);
  return [`${whose} ${latency}, ${ratioOf(at).toFixed(1)} times as long as with ${quickest.name}`];
}
