import * as Plot from "@observablehq/plot";
import type { StrategyDocument } from "../../experiments/index.ts";
import { flameOf, sharesOf, TIME_KINDS } from "../../report/fault-time.ts";
import { formatDuration, formatPercent } from "../../report/format.ts";
import { type Chart, COLOURS } from "./chart.ts";

const LEVEL_HEIGHT = 24;

/** Where the time of page faults went: a flame graph for each variant. */
export function faultTimeChart(results: readonly StrategyDocument[]): Chart | undefined {
  const boxes = results.flatMap((result) => {
    const all = result.faultTime.slices.reduce((sum, { time }) => sum + time, 0);
    return flameOf(result).map(({ name, kind, depth, from, to }) => ({
      variant: result.name,
      name,
      kind: kind ? TIME_KINDS[kind] : "in all",
      depth,
      from: from * 100,
      to: to * 100,
      time: formatDuration(Math.round((to - from) * all)),
    }));
  });
  if (boxes.length === 0) return undefined;
  const levels = 1 + Math.max(...boxes.map(({ depth }) => depth));
  const kinds = ["in all", ...Object.values(TIME_KINDS)];
  const shares = results.map((result) => {
    const told = sharesOf(result).map(([kind, share]) => `${TIME_KINDS[kind]} ${formatPercent(share)}`);
    return `${result.name}: ${told.join(", ") || "no fault had to wait"}`;
  });
  return {
    title: "Where the time of faults went",
    see: `Each box is a part of the time that page faults took, what it was spent on stands on top of where. ${shares.join("; ")}. CPU times are estimates unless pagestorm list costs names a source.`,
    draw: (width) =>
      Plot.plot({
        width,
        height: 60 + (LEVEL_HEIGHT * levels + 14) * results.length,
        marginLeft: 20,
        marginRight: 110,
        marginBottom: 36,
        style: { background: "transparent", fontSize: "12px" },
        color: { domain: kinds, range: ["#bbb", ...COLOURS], legend: true },
        x: { label: "% of the time in faults", domain: [0, 100] },
        y: { axis: null, domain: Array.from({ length: levels }, (_, level) => levels - 1 - level) },
        fy: { label: null, axis: "right", domain: results.map(({ name }) => name) },
        marks: [
          Plot.barX(boxes, {
            x1: "from",
            x2: "to",
            y: "depth",
            fy: "variant",
            fill: "kind",
            inset: 0.5,
            tip: true,
            title: ({ name, kind, time }) => `${name}\n${kind}, ${time}`,
          }),
          Plot.text(
            boxes.filter(({ from, to, name }) => ((to - from) / 100) * (width - 130) > name.length * 7),
            { x: ({ from, to }) => (from + to) / 2, y: "depth", fy: "variant", text: "name", fill: "#000" },
          ),
        ],
      }),
  };
}
