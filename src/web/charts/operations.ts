import * as Plot from "@observablehq/plot";
import type { StrategyDocument } from "../../experiments/index.ts";
import { begun } from "../begun.ts";
import { type Chart, COLOURS } from "./chart.ts";

const ROW_HEIGHT = 26;

/** When each maintenance operation ran, by variant. */
export function operationsChart(results: readonly StrategyDocument[]): Chart | undefined {
  const bars = results.flatMap((variant) =>
    begun(variant).map(({ id, at, endedAt, result }) => {
      const { name, simulatedNs } = variant;
      const end = Math.max(endedAt ?? simulatedNs, at + simulatedNs / 300);
      return { variant: name, id, start: at / 1e9, end: end / 1e9, answer: result };
    }),
  );
  if (bars.length === 0) return undefined;
  const steps = [...new Set(bars.map(({ id }) => id))];
  const answers = [...new Set(bars.map(({ answer }) => answer))].toSorted(okFirst);
  const until = Math.max(...results.map(({ simulatedNs }) => simulatedNs)) / 1e9;
  return {
    title: "Maintenance",
    see: "Each bar is one operation from its start to its end, coloured by its answer; the table says what it achieved.",
    draw: (width) =>
      Plot.plot({
        width,
        height: 70 + ROW_HEIGHT * results.length * steps.length,
        marginLeft: Math.min(160, 30 + 7 * Math.max(...steps.map((id) => id.length))),
        marginRight: 90,
        marginBottom: 36,
        style: { background: "transparent", fontSize: "12px" },
        color: { domain: answers, range: COLOURS.slice(2), legend: true },
        x: { label: "simulated time, s", domain: [0, until], grid: true },
        y: { label: null, domain: steps },
        fy: { label: null, domain: results.map(({ name }) => name) },
        marks: [
          Plot.barX(bars, {
            x1: "start",
            x2: "end",
            y: "id",
            fy: "variant",
            fill: "answer",
            tip: true,
            insetTop: 3,
            insetBottom: 3,
          }),
        ],
      }),
  };
}

function okFirst(left: string, right: string): number {
  return Number(right === "ok") - Number(left === "ok");
}
