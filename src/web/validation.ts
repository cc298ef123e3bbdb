import type { PhaseEntry, ValidationDocument } from "../validate/index.ts";
import { agreementChart } from "./charts/agreement.ts";
import { figure } from "./charts/chart.ts";
import { h, section, table } from "./dom.ts";

/** Counters that get a plot of their own: what programs notice first, then how the kernel got there. */
const PLOTTED = [
  ["pgmajfault", "major faults"],
  ["pswpin", "pages swapped in"],
  ["pswpout", "pages swapped out"],
  ["pgscan_anon", "anonymous pages scanned"],
  ["blk.wr_ios", "write requests"],
  ["wl.minflt", "minor faults of the programs"],
] as const;

/** The page about a validation: how far off each counter is, first in words, then in tables and plots. */
export function validationSections(validation: ValidationDocument): readonly HTMLElement[] {
  const groups = [...new Set(validation.counters.map(({ group }) => group))];
  return [
    h("h1", {}, "pagestorm"),
    header(validation),
    ...groups.slice(0, 1).map((group) => groupTable(validation, group)),
    section(
      "Simulated against measured",
      ...PLOTTED.map(([counter, words]) => agreementChart(validation.rows, counter, words)).map(figure),
    ),
    section("By group", ...groups.slice(1).map((group) => folded(validation, group))),
    section("What is left out, and what is approximated", leftOut(validation)),
    section("Courses of the first fill", ...courses(validation.rows)),
  ];
}

function header({ rows, withinBounds }: ValidationDocument): HTMLElement {
  const all = new Set(rows.map(({ id }) => id)).size;
  const skipped = new Set(rows.filter((row) => "skipped" in row).map(({ id }) => id)).size;
  const verdict =
    withinBounds === null
      ? "nothing was measured"
      : withinBounds
        ? "within the bounds"
        : "not within the bounds";
  return h(
    "header",
    {},
    h("h2", {}, "Held against a real Linux"),
    h("p", { class: "note" }, `${all} experiments, ${skipped} of them skipped; three phases each`),
    h("p", {}, h("strong", { class: `badge ${withinBounds ? "correct" : "corrupt"}` }, verdict)),
    h(
      "p",
      { class: "see" },
      "The error of a counter is its distance from the measured value as a share of that. Bounds: class A median 1 %, 90th percentile 6 %; class B 5 % and 20 %. An error no larger than the real machine's own spread counts as none.",
    ),
  );
}

function groupTable(validation: ValidationDocument, group: string): HTMLElement {
  return section(group === "all" ? "All rows" : group, countersOf(validation, group));
}

function folded(validation: ValidationDocument, group: string): HTMLElement {
  return h("details", {}, h("summary", {}, group), countersOf(validation, group));
}

function countersOf({ counters }: ValidationDocument, group: string): HTMLElement {
  const rows = counters
    .filter((entry) => entry.group === group)
    .map(({ counter, class: kind, pairs, median, p90, withinBounds, worst }) => [
      counter,
      kind,
      String(pairs),
      percent(median),
      h("span", withinBounds ? {} : { class: "badge corrupt" }, percent(p90)),
      `${worst.id}/${worst.phase}: ${worst.simulated} against ${worst.measured}`,
    ]);
  return table(["counter", "class", "pairs", "median error", "90th percentile", "worst row"], rows);
}

function leftOut({ notModelled, approximated }: ValidationDocument): HTMLElement {
  const lines = [
    ...Object.entries(notModelled).map(([what, rows]) => `not modelled: ${what} (${rows} rows skipped)`),
    ...Object.entries(approximated).map(([what, rows]) => `approximated: ${what} (${rows} rows)`),
  ];
  return h("ul", {}, ...(lines.length > 0 ? lines : ["nothing"]).map((line) => h("li", {}, line)));
}

/** Which of its courses the simulated machine took, where the measured one has several. */
function courses(rows: readonly PhaseEntry[]): readonly HTMLElement[] {
  const taken = new Map<string, number>();
  for (const row of rows) {
    if (!("course" in row) || row.course === undefined) continue;
    taken.set(row.course, (taken.get(row.course) ?? 0) + 1);
  }
  return [
    h(
      "p",
      { class: "see" },
      "When the DMA zone runs out of movable pages in the first fill, its watermarks may be boosted; kswapd then works for that zone alone and passes over the pages of the other one, which makes old pages young. The real machine does it once, twice or not at all, and each phase is compared with the nearest of its measurements.",
    ),
    table(
      ["course of the simulated machine", "rows"],
      [...taken].map(([course, count]) => [course, String(count)]),
    ),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
