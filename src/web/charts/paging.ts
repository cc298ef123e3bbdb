import type { StrategyDocument } from "../../experiments/index.ts";
import { formatCount } from "../../report/format.ts";
import { rate } from "../series.ts";
import { type Chart, linesOverTime } from "./chart.ts";

const LINES = ["page-ins", "page-outs", "major faults"] as const;

/** Pages that come and go. */
export function pagingChart(results: readonly StrategyDocument[]): Chart {
  const [ins, outs, faults] = LINES;
  const points = results.flatMap((result) => [
    ...rate(result, ins, "pswpin"),
    ...rate(result, outs, "pswpout"),
    ...rate(result, faults, "pgmajfault"),
  ]);
  const totals = results.map(({ name, counters }) => {
    return `${formatCount(counters["pswpin"] ?? 0)} in and ${formatCount(counters["pswpout"] ?? 0)} out with ${name}`;
  });
  return {
    title: "Page-ins and page-outs",
    see: `Steady traffic means that the working set does not fit; in all ${totals.join(", ")}. Page-ins above major faults are readahead.`,
    draw: linesOverTime(results, points, { yLabel: "pages a second", lines: LINES }),
  };
}
