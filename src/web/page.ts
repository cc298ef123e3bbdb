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
    section("Over the run", ...charts(strategies).map(figure)),
    diskMaps(strategies),
    layouts(strategies),
    section("Details", ...details(strategies)),
  ];
  return sections.filter((part) => part !== undefined);
}

function charts(results: readonly StrategyDocument[]): readonly Chart[] {
  const drawn = [
    ...latencyCharts(results),
    faultTimeChart(results),
    memoryChart(results),
    pagingChart(results),
    pressureChart(results),
    operationsChart(results),
  ];
  return drawn.filter((chart) => chart !== undefined);
}
