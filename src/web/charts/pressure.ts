import type { StrategyDocument } from "../../experiments/index.ts";
import { formatPercent } from "../../report/format.ts";
import { rate } from "../series.ts";
import { type Chart, linesOverTime } from "./chart.ts";

const LINES = ["some", "full"] as const;
const PERCENT_OF_NS = 100 / 1e9;

/** Pressure stall information: how much of the time tasks waited for memory. */
export function pressureChart(results: readonly StrategyDocument[]): Chart {
  const [some, full] = LINES;
  const points = results.flatMap((result) => [
    ...rate(result, some, "stalledSomeNs", PERCENT_OF_NS),
    ...rate(result, full, "stalledFullNs", PERCENT_OF_NS),
  ]);
  const shares = results.map(({ name, psi, simulatedNs }) => {
    return `${formatPercent(simulatedNs === 0 ? 0 : psi.some.total / simulatedNs)} with ${name}`;
  });
  return {
    title: "Stall (PSI)",
    see: `"some": at least one task waits for memory; "full": nobody does useful work. Over the whole run some task waited ${shares.join(", ")} of the time.`,
    draw: linesOverTime(results, points, { yLabel: "% of the time", lines: LINES }),
  };
}
