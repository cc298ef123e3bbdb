import type { StrategyDocument } from "../experiments/index.ts";

const NS_PER_SECOND = 1e9;
/** Latencies over time are told for so many parts of the run: fewer faults than that a part tell nothing. */
const LATENCY_PARTS = 60;

/** One point of a chart over time. */
export interface Point {
  readonly variant: string;
  /** Simulated seconds since the start. */
  readonly seconds: number;
  /** What is drawn: the name of a line. */
  readonly line: string;
  readonly value: number;
}

type Recording = StrategyDocument["recording"];

/** A gauge as it was read, in the unit that `scale` makes of it. */
export function gauge(
  { name, recording }: StrategyDocument,
  line: string,
  column: keyof Recording["gauges"],
  scale: (value: number) => number,
): readonly Point[] {
  return recording.gauges[column].map((value, index) => {
    return { variant: name, seconds: recording.at[index]! / NS_PER_SECOND, line, value: scale(value) };
  });
}

/** How fast a total grew between samples, per second of simulated time. */
export function rate(
  { name, recording }: StrategyDocument,
  line: string,
  column: keyof Recording["totals"],
  scale = 1,
): readonly Point[] {
  const totals = recording.totals[column];
  return recording.at.slice(1).flatMap((at, index) => {
    const elapsed = (at - recording.at[index]!) / NS_PER_SECOND;
    const growth = totals[index + 1]! - totals[index]!;
    if (elapsed <= 0) return [];
    return [{ variant: name, seconds: at / NS_PER_SECOND, line, value: (growth / elapsed) * scale }];
  });
}

/** Of all faults of a run, the share that took longer than each class of latency. */
export function slowerThan({ name, recording }: StrategyDocument): readonly {
  readonly variant: string;
  readonly microseconds: number;
  readonly share: number;
}[] {
  const { upToNs, counts } = recording.latency;
  const perClass = upToNs.map((_, index) => counts.reduce((sum, row) => sum + row[index]!, 0));
  const total = perClass.reduce((sum, count) => sum + count, 0);
  let left = total;
  return upToNs.flatMap((upTo, index) => {
    const share = left / total;
    left -= perClass[index]!;
    return share > 0 ? [{ variant: name, microseconds: upTo / 1000, share }] : [];
  });
}

/** Median and 99th percentile of the faults of each part of the run, microseconds. */
export function latencyOverTime({ name, recording }: StrategyDocument): readonly Point[] {
  const { at, latency } = recording;
  const perPart = Math.max(1, Math.ceil(at.length / LATENCY_PARTS));
  const points: Point[] = [];
  for (let first = 1; first < at.length; first += perPart) {
    const last = Math.min(first + perPart, at.length) - 1;
    const rows = latency.counts.slice(first, last + 1);
    const perClass = latency.upToNs.map((_, index) => rows.reduce((sum, row) => sum + row[index]!, 0));
    const seconds = at[last]! / NS_PER_SECOND;
    for (const [line, share] of [
      ["median", 0.5],
      ["99 of 100 are faster", 0.99],
    ] as const) {
      const value = quantile(perClass, latency.upToNs, share);
      if (value !== undefined) points.push({ variant: name, seconds, line, value: value / 1000 });
    }
  }
  return points;
}

function quantile(counts: readonly number[], edges: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (total > 0 && seen >= share * total) return edges[index];
  }
  return undefined;
}
