import * as Plot from "@observablehq/plot";
import type { StrategyDocument } from "../../experiments/index.ts";
import { begun } from "../begun.ts";
import { h } from "../dom.ts";
import type { Point } from "../series.ts";

/** A chart: what it is, the one sentence that says what to see, and how it is drawn at a width. */
export interface Chart {
  readonly title: string;
  readonly see: string;
  readonly draw: (width: number) => Element;
}

/** Colours that can be told apart by most people, on light and dark ground (after Okabe and Ito). */
export const COLOURS = ["#0091d5", "#e08a00", "#00a37a", "#cc6fa8", "#d55e00", "#8f8f00", "#7a7aff"] as const;
/** Below this width the variants stand one under the other. */
const NARROW = 700;
const FACET_HEIGHT = 150;

/** A chart in its frame; drawn again whenever the width changes. */
export function figure({ title, see, draw }: Chart): HTMLElement {
  const stage = h("div", { class: "stage" });
  let drawnAt = 0;
  new ResizeObserver(() => {
    const width = Math.floor(stage.clientWidth);
    if (width === 0 || width === drawnAt) return;
    drawnAt = width;
    stage.replaceChildren(draw(width));
  }).observe(stage);
  return h("figure", {}, h("h4", {}, title), h("p", { class: "see" }, see), stage);
}

/** The shaded stretches in which maintenance ran; one that ended at once still gets a hairline. */
function maintenance(results: readonly StrategyDocument[], facet: "fx" | "fy"): Plot.Markish {
  const stretches = results.flatMap((result) =>
    begun(result)
      .filter(({ at }) => at < result.simulatedNs)
      .map(({ id, at, endedAt }) => {
        const { name, simulatedNs } = result;
        const end = Math.max(endedAt ?? simulatedNs, at + simulatedNs / 300);
        return { variant: name, start: at / 1e9, end: end / 1e9, id };
      }),
  );
  const ends = { x1: "start", x2: "end", [facet]: "variant" };
  return Plot.rectX(stretches, { ...ends, fill: "currentColor", fillOpacity: 0.1, title: "id" });
}

/** Lines over simulated time, one small chart a variant, all with the same scales. */
export function linesOverTime(
  results: readonly StrategyDocument[],
  points: readonly Point[],
  { yLabel, lines, isLogarithmic = false }: LineOptions,
): (width: number) => Element {
  const variants = results.map(({ name }) => name);
  return (width) => {
    const isNarrow = width < NARROW;
    const facet = isNarrow ? "fy" : "fx";
    const channels = { x: "seconds", y: "value", stroke: "line", [facet]: "variant" };
    return Plot.plot({
      width,
      height: isNarrow ? FACET_HEIGHT * variants.length + 60 : 260,
      marginLeft: 62,
      marginRight: isNarrow ? 90 : 16,
      marginBottom: 36,
      style: { background: "transparent", fontSize: "12px" },
      color: { domain: lines, range: COLOURS, legend: true },
      x: { label: "simulated time, s" },
      y: { label: yLabel, grid: true, ...(isLogarithmic ? { type: "log", ticks: 4 } : { zero: true }) },
      [facet]: { label: null, domain: variants },
      marks: [
        maintenance(results, facet),
        ...(isLogarithmic ? [] : [Plot.ruleY([0], { strokeOpacity: 0.4 })]),
        Plot.lineY(points, { ...channels, strokeWidth: 1.5, tip: true }),
      ],
    });
  };
}

interface LineOptions {
  readonly yLabel: string;
  /** Names of the lines, in the order of the legend. */
  readonly lines: readonly string[];
  readonly isLogarithmic?: boolean;
}
