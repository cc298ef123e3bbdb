import type { BugStory } from "../bugs/index.ts";
import type { StrategyDocument } from "../experiments/index.ts";
import { generationExplained } from "../report/generation.ts";
import { diskMaps } from "./disk-map.ts";
import { h, section } from "./dom.ts";
import { chartSection } from "./page.ts";
import { layouts } from "./sections/layout.ts";
import { stories } from "./sections/story.ts";
import { comparisonTable, details } from "./sections/tables.ts";

type Variant = BugStory["variants"][number];

/** The page about known bugs, made for teaching: what users saw, what broke and why, then the machine in pictures. */
export function bugSections(bugs: readonly BugStory[]): readonly HTMLElement[] {
  return [h("h1", {}, "pagestorm"), ...bugs.map((bug) => h("div", { class: "run" }, ...oneBug(bug)))];
}

function oneBug(bug: BugStory): readonly HTMLElement[] {
  const { id, title, told, seen, source, isHypothesis, promises, variants } = bug;
  return [
    h(
      "header",
      {},
      h("h2", {}, `${id}: ${title}`),
      ...(isHypothesis ? [h("p", {}, h("strong", { class: "badge" }, "a hypothesis, seen by nobody"))] : []),
      h("p", {}, h("b", {}, "What users saw: "), seen, "."),
      h("p", {}, h("b", {}, "What breaks: "), promises.join("; "), "."),
      ...told.map((paragraph) => h("p", { class: "told" }, paragraph)),
      h("p", { class: "note" }, source),
    ),
    ...variants.flatMap(oneVariant),
  ];
}

function oneVariant(variant: Variant): readonly HTMLElement[] {
  const { strategy, off, on, repeat, report, race } = variant;
  const kept = on.witnesses.map(({ what }) => what).join(", ");
  return [
    section(
      `With ${strategy}`,
      h(
        "div",
        { class: "verdicts" },
        card("without the fix", off.violated, off.what, repeat.off),
        card("with the fix", on.violated, on.violated ? on.what : kept, repeat.on),
      ),
      // Where there is a report its stories explain the word.
      ...generationExplained(report ? "" : off.what).map((explained) => h("p", { class: "note" }, explained)),
    ),
    ...(race ? [interleaving(race.interleaving)] : []),
    ...(report ? pictures(report.strategies) : []),
  ];
}

/** Who did what in which order. */
function interleaving(text: string): HTMLElement {
  const told =
    "Time goes down, each processor has a column, and a row is a step that nobody can interrupt; * marks one that took over from somebody who could have gone on.";
  return section("The order of steps that shows it", h("p", {}, told), h("pre", {}, text));
}

/** What happened and where, then how it compares. */
function pictures(results: readonly StrategyDocument[]): readonly HTMLElement[] {
  const sections = [
    ...results.map(stories),
    diskMaps(results),
    comparisonTable(results),
    chartSection(results),
    layouts(results),
    section("Details", ...details(results)),
  ];
  return sections.filter((part) => part !== undefined);
}

/** One of the two machines: whether the promise was kept, and what showed it. */
function card(title: string, isBroken: boolean, what: string, line: string): HTMLElement {
  const kind = isBroken ? "corrupt" : "correct";
  return h(
    "article",
    { class: `verdict ${kind}` },
    h("h3", {}, title),
    h("strong", { class: `badge ${kind}` }, isBroken ? "broken" : "holds"),
    h("p", {}, what),
    h("p", { class: "note" }, h("code", {}, line)),
  );
}
