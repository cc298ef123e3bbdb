import type { StrategyDocument } from "../../experiments/index.ts";
import { formatBytes } from "../../report/format.ts";
import { gauge } from "../series.ts";
import { type Chart, linesOverTime } from "./chart.ts";

const PAGE = 4096;
const mebibytes = (pages: number): number => (pages * PAGE) / 2 ** 20;
const LINES = ["memory in use", "free memory", "swap in use"] as const;

/** Memory and swap in use. */
export function memoryChart(results: readonly StrategyDocument[]): Chart {
  const [used, free, swap] = LINES;
  const points = results.flatMap((result) => [
    ...gauge(result, used, "residentPages", mebibytes),
    ...gauge(result, free, "freePages", mebibytes),
    ...gauge(result, swap, "swapUsedPages", mebibytes),
  ]);
  const peaks = results.map(({ name, recording }) => {
    return `${formatBytes(Math.max(0, ...recording.gauges.swapUsedPages) * PAGE)} with ${name}`;
  });
  return {
    title: "Memory and swap",
    see: `Swap grows where memory in use meets its ceiling; at most ${peaks.join(", ")} were swapped out at once.`,
    draw: linesOverTime(results, points, { yLabel: "MiB", lines: LINES }),
  };
}
