import * as Plot from "@observablehq/plot";
import type { CoverageOnPage } from "../../explore/index.ts";
import { COLOURS, figure } from "../charts/chart.ts";
import { h, section, table } from "../dom.ts";

/** What the searches have covered, and whether they still see anything new. */
export function coverage({ head, rows, newPairs }: CoverageOnPage): HTMLElement {
  const points = newPairs.flatMap(({ search, schedules, counts }) =>
    counts.map((pairs, at) => ({ search, schedules: Math.min(schedules, (at + 1) * 1000), pairs })),
  );
  // One point a search says no more than the table.
  const hasCourse = newPairs.some(({ counts }) => counts.length > 1);
  const searches = newPairs.map(({ search }) => search);
  const chart = {
    title: "New pairs of steps in each thousand schedules",
    see: "A pair is two kinds of steps, by two processes, that follow each other on one thing. A search whose line has come down to zero no longer sees anything new.",
    draw: (width: number) =>
      Plot.plot({
        width,
        height: 220,
        marginLeft: 62,
        marginBottom: 36,
        style: { background: "transparent", fontSize: "12px" },
        color: { domain: searches, range: COLOURS, legend: true },
        x: { label: "schedules", zero: true },
        y: { label: "new pairs", grid: true, zero: true },
        marks: [
          Plot.ruleY([0], { strokeOpacity: 0.4 }),
          Plot.lineY(points, { x: "schedules", y: "pairs", z: "search", stroke: "search", strokeWidth: 1.5 }),
          Plot.dot(points, { x: "schedules", y: "pairs", stroke: "search", r: 3, tip: true }),
        ],
      }),
  };
  return section(
    "What was covered",
    h("div", { class: "wide" }, table(head, rows)),
    h(
      "p",
      { class: "note" },
      "Cut: schedules that ended early, because all that could follow is tried elsewhere. Classes: different ends, up to the order of steps that share nothing. Covered: the bound up to which every schedule was tried or, of a sample, the largest share of schedules that can violate something with 95 % confidence.",
    ),
    hasCourse ? figure(chart) : undefined,
  );
}
