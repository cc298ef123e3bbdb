import type { ResultDocument, StrategyDocument } from "../../experiments/index.ts";
import { advise } from "../../report/advice.ts";
import { formatBytes, formatDuration, formatMany } from "../../report/format.ts";
import { h } from "../dom.ts";

/** What was simulated, and the verdict of each variant with its reason: what a reader must see first. */
export function summary(run: ResultDocument): HTMLElement {
  const { scenario, seed, machine, durationNs, strategies } = run;
  const hardware = `${formatBytes(machine.memory)} of memory, ${formatMany(machine.cpus, "CPU")}, ${machine.kernel}`;
  return h(
    "header",
    {},
    h("h2", {}, scenario),
    h("p", { class: "note" }, `${hardware}, ${formatDuration(durationNs)} of simulated time, seed ${seed}`),
    h("div", { class: "verdicts" }, ...strategies.map((result) => card(result, strategies))),
    expectations(run),
  );
}

function card(result: StrategyDocument, all: readonly StrategyDocument[]): HTMLElement {
  return h(
    "article",
    { class: `verdict ${result.verdict}` },
    h("h3", {}, result.name),
    badge(result.verdict),
    h("p", {}, result.reason),
    h("p", {}, h("b", {}, "May I use this swap file? "), advise(result, all)),
  );
}

/** A verdict in its colour. */
export function badge(verdict: string): HTMLElement {
  return h("strong", { class: `badge ${verdict}` }, verdict);
}

function expectations({ expectations: all }: ResultDocument): HTMLElement {
  const failed = all.filter(({ held }) => !held);
  if (all.length === 0) return h("p", { class: "note" }, "The scenario expects nothing.");
  if (failed.length === 0)
    return h("p", { class: "note" }, `${formatMany(all.length, "expectation")} of the scenario held.`);
  const lines = failed.map(({ what, got }) => h("li", {}, `expected ${what}; got ${got}`));
  return h(
    "div",
    { class: "failed" },
    h("p", {}, `${failed.length} of ${formatMany(all.length, "expectation")} failed:`),
    h("ul", {}, ...lines),
  );
}
