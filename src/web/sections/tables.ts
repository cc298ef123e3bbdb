import type { ResultDocument, StrategyDocument } from "../../experiments/index.ts";
import { formatCount, formatDuration, formatPercent } from "../../report/format.ts";
import { rowsFor } from "../../report/rows.ts";
import { h, section, table } from "../dom.ts";
import { badge } from "./summary.ts";

/** All that can be compared, one column a variant. */
export function comparisonTable(results: readonly StrategyDocument[]): HTMLElement {
  const rows = rowsFor(results).map(({ label, cell }) => [
    label,
    ...results.map((result) => (label === "verdict" ? badge(result.verdict) : cell(result))),
  ]);
  return section("Side by side", table(["", ...results.map(({ name }) => name)], rows));
}

/** Several runs, one line for each run and variant. */
export function overview(runs: readonly ResultDocument[]): HTMLElement {
  const rows = runs.flatMap(({ scenario, seed, strategies }, index) =>
    strategies.map((result) => {
      const { name, verdict, faultLatencyNs, counters, psi, simulatedNs } = result;
      return [
        h("a", { href: `#run-${index}` }, `${scenario} (seed ${seed})`),
        name,
        badge(verdict),
        formatDuration(faultLatencyNs.p99),
        formatCount(counters["pswpin"] ?? 0),
        formatCount(counters["pswpout"] ?? 0),
        formatPercent(simulatedNs === 0 ? 0 : psi.some.total / simulatedNs),
      ];
    }),
  );
  const head = ["run", "strategy", "verdict", "fault p99", "page-ins", "page-outs", "stalled (some)"];
  return section("All runs", table(head, rows));
}

/** What each operation achieved, and what the kernel of each variant said. */
export function details(results: readonly StrategyDocument[]): readonly HTMLElement[] {
  return results.flatMap(({ name, log, counters, fingerprint }) => {
    const lines = log.map(({ at, line }) => `[${(at / 1e9).toFixed(6).padStart(12)}] ${line}`);
    const counted = Object.entries(counters).map(([counter, value]) => [counter, formatCount(value)]);
    return [
      h(
        "details",
        {},
        h("summary", {}, `${name}: kernel log, counters, fingerprint ${fingerprint}`),
        h("pre", {}, lines.length > 0 ? lines.join("\n") : "The kernel said nothing."),
        table(["counter", "value"], counted),
      ),
    ];
  });
}
