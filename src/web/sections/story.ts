import { VIOLATION_CLASSES } from "../../../sim/index.ts";
import type { StrategyDocument } from "../../experiments/index.ts";
import { formatCount, formatDuration } from "../../report/format.ts";
import { generationExplained } from "../../report/generation.ts";
import { h, section } from "../dom.ts";

/** Stories told of one variant; the classes differ, further stories of a class do not. */
const STORIES_MAX = 6;

type Violation = StrategyDocument["violations"][number];

/** How a variant came to harm: for one violation of each class, the chain of events drawn as steps. */
export function stories(result: StrategyDocument): HTMLElement | undefined {
  const firstOfClass = new Map<string, Violation>();
  for (const violation of result.violations) {
    if (!firstOfClass.has(violation.class)) firstOfClass.set(violation.class, violation);
  }
  if (firstOfClass.size === 0) return undefined;
  const told = [...firstOfClass.values()].slice(0, STORIES_MAX);
  return section(
    `How ${result.name} came to harm`,
    h(
      "p",
      { class: "see" },
      "Read from top to bottom: what happened to one block, until somebody found other bytes in it than belong there.",
    ),
    ...generationExplained(...told.flatMap(({ got, expected }) => [got, expected])).map((explained) =>
      h("p", { class: "note" }, explained),
    ),
    h("div", { class: "stories" }, ...told.map((violation) => story(violation, result))),
  );
}

function story(violation: Violation, { totals }: StrategyDocument): HTMLElement {
  const { class: kind, at, what, got, expected, because } = violation;
  const steps = because.map((event) => step(event.at, event.what));
  const count = formatCount(totals.byClass[kind]);
  return h(
    "article",
    { class: "story" },
    h("h4", {}, `${VIOLATION_CLASSES[kind]} (${kind}), the first of ${count}`),
    h("p", {}, what),
    h(
      "ol",
      {},
      ...steps,
      h(
        "li",
        { class: "end" },
        h("time", {}, formatDuration(at)),
        h("span", {}, h("b", {}, "got "), got, h("br"), h("b", {}, "expected "), expected),
      ),
    ),
  );
}

function step(at: number, what: string): HTMLElement {
  return h("li", {}, h("time", {}, formatDuration(at)), h("span", {}, what));
}
