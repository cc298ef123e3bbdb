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
      return `this run cannot tell: ${[result.reason, ...hindrances(result)].join("; ")}`;
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

/** Maintenance that the strategy stood in the way of; what befell several steps alike is told once. */
function hindrances({ operations }: StrategyDocument): readonly string[] {
  const stepsBy = new Map<string, string[]>();
  for (const operation of operations) {
    const what = hindrance(operation);
    if (what !== undefined) stepsBy.set(what, [...(stepsBy.get(what) ?? []), operation.id]);
  }
  return [...stepsBy].map(([what, [first, ...others]]) => {
    const alike = others.length > 0 ? `, and so for ${formatMany(others.length, "other step")}` : "";
    return `${first} ${what}${alike}`;
  });
}

function hindrance({ result, skipped }: StrategyDocument["operations"][number]): string | undefined {
  if (result === "running") return "did not end";
  if (result !== "ok") return `is refused (${result})`;
  return skipped.length > 0
    ? `skips ${formatMany(skipped.length, "part")} (${skipped[0]!.reason})`
    : undefined;
}

/** What it costs beside the quickest variant that harmed nothing: at the median or at the tail, whichever is worse. */
function costs(result: StrategyDocument, all: readonly StrategyDocument[]): readonly string[] {
  const sound = all.filter(({ verdict, faultLatencyNs }) => verdict === "correct" && faultLatencyNs.p50 > 0);
  const quickest = sound.toSorted((left, right) => left.faultLatencyNs.p50 - right.faultLatencyNs.p50)[0];
  if (!quickest || quickest.name === result.name) return [];
  const ratioOf = (at: "p50" | "p99"): number => result.faultLatencyNs[at] / quickest.faultLatencyNs[at];
  const at = ratioOf("p99") > ratioOf("p50") ? "p99" : "p50";
  if (ratioOf(at) < NOTICEABLE) return [];
  const whose = at === "p99" ? "one fault in a hundred takes at least" : "a fault takes";
  const latency = formatDuration(result.faultLatencyNs[at]);
  return [`${whose} ${latency}, ${ratioOf(at).toFixed(1)} times as long as with ${quickest.name}`];
}
