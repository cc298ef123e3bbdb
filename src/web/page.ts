import type { ResultDocument, StrategyDocument } from "../experiments/index.ts";
import { type Chart, figure } from "./charts/chart.ts";
import { faultTimeChart } from "./charts/fault-time.ts";
import { latencyCharts } from "./charts/latency.ts";
import { memoryChart } from "./charts/memory.ts";
import { operationsChart } from "./charts/operations.ts";
import { pagingChart } from "./charts/paging.ts";
import { pressureChart } from "./charts/pressure.ts";
import { diskMaps } from "./disk-map.ts";
import { h, section } from "./dom.ts";
import { layouts } from "./sections/layout.ts";
import { stories } from "./sections/story.ts";
import { summary } from "./sections/summary.ts";
import { comparisonTable, details, overview } from "./sections/tables.ts";

/** The whole report: verdicts first, then figures, then pictures. */
export function page(runs: readonly ResultDocument[]): readonly HTMLElement[] {
  return [
    h("h1", {}, "pagestorm"),
    ...(runs.length > 1 ? [overview(runs)] : []),
    ...runs.map((run, index) => h("div", { class: "run", id: `run-${index}` }, ...runSections(run))),
  ];
}

function runSections(run: ResultDocument): readonly HTMLElement[] {
  const { strategies } = run;
  const sections = [
    summary(run),
    comparisonTable(strategies),
    ...strategies.map(stories),
    chartSection(strategies),
    diskMaps(strategies),
    layouts(strategies),
    section("Details", ...details(strategies)),
  ];
  return sections.filter((part) => part !== undefined);
}

/** How the runs went over time. */
export function chartSection(results: readonly StrategyDocument[]): HTMLElement {
  const drawn: readonly (Chart | undefined)[] = [
    ...latencyCharts(results),
    faultTimeChart(results),
    memoryChart(results),
    pagingChart(results),
    pressureChart(results),
    operationsChart(results),
  ];
  return section("Over the run", ...drawn.filter((chart) => chart !== undefined).map(figure));
}
