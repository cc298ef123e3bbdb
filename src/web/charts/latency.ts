import * as Plot from "@observablehq/plot";
import type { StrategyDocument } from "../../experiments/index.ts";
import { formatDuration } from "../../report/format.ts";
import { latencyOverTime, slowerThan } from "../series.ts";
import { type Chart, COLOURS, linesOverTime } from "./chart.ts";

/** How long major faults took: all of them, and as the run went on. */
export function latencyCharts(results: readonly StrategyDocument[]): readonly Chart[] {
  const faulting = results.filter(({ recording }) => recording.latency.upToNs.length > 0);
  if (faulting.length === 0) return [];
  return [distribution(faulting), overTime(results)];
}

function distribution(results: readonly StrategyDocument[]): Chart {
  const variants = results.map(({ name }) => name);
  const points = results.flatMap(slowerThan);
  const lowest = Math.min(...points.map(({ share }) => share));
  return {
    title: "How long a major fault takes",
    see: `The further left a curve falls, the better. ${tails(results)}`,
    draw: (width) =>
      Plot.plot({
        width,
        height: 300,
        marginLeft: 62,
        marginBottom: 36,
        style: { background: "transparent", fontSize: "12px" },
        color: { domain: variants, range: COLOURS, legend: true },
        x: { type: "log", label: "latency x, us", grid: true, ticks: 6, tickFormat: "~s" },
        y: {
          type: "log",
          label: "share of faults slower than x",
          grid: true,
          ticks: 4,
          domain: [lowest / 1.5, 1],
          tickFormat: (share: number) => `${Number((share * 100).toPrecision(2))} %`,
        },
        marks: [
          Plot.lineY(points, {
            x: "microseconds",
            y: "share",
            stroke: "variant",
            curve: "step-before",
            strokeWidth: 2,
            tip: true,
          }),
        ],
      }),
  };
}

/** The 99th percentiles in words. */
function tails(results: readonly StrategyDocument[]): string {
  const parts = results.map(
    ({ name, faultLatencyNs }) => `${formatDuration(faultLatencyNs.p99)} with ${name}`,
  );
  return `One fault in a hundred takes longer than ${parts.join(", ")}.`;
}

function overTime(results: readonly StrategyDocument[]): Chart {
  const draw = linesOverTime(results, results.flatMap(latencyOverTime), {
    yLabel: "latency, us",
    lines: ["median", "99 of 100 are faster"],
    isLogarithmic: true,
  });
  return {
    title: "Fault latency over time",
    see: "Where a line jumps inside a shaded stretch, maintenance (its name shows under the pointer) and page faults compete for the disk.",
    draw,
  };
}
