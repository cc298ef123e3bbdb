import { changedExtents } from "../../explore/changed-extents.ts";
import type { ExplorePage, ScheduleOnPage } from "../../explore/index.ts";
import { formatCount } from "../../report/format.ts";
import { generationExplained } from "../../report/generation.ts";
import { h, section, table } from "../dom.ts";
import { coverage } from "./coverage.ts";
import { momentOf } from "./playback.ts";
import { replayLine } from "./replay-line.ts";
import { stepper } from "./stepper.ts";
import { waitGraph } from "./wait-graph.ts";

/** The page about an exploration or a replay: the verdict, the schedule to step through, then the evidence. */
export function explorationSections(page: ExplorePage): readonly HTMLElement[] {
  const { schedule, coverage: covered } = page;
  const parts = [
    h("h1", {}, "pagestorm"),
    header(page),
    schedule && stepper(schedule),
    ...(schedule ? evidence(schedule) : []),
    covered && coverage(covered),
    page.matrix && fixMatrix(page.matrix),
    schedule && replayLine(schedule.replay),
  ];
  return parts.filter((part) => part !== undefined);
}

/** Green is for what holds in all schedules; a search that was cut short, or one schedule, only found nothing. */
const BADGES = {
  violated: "corrupt",
  safe: "correct",
  inconclusive: "",
  "not violated": "",
} as const;

function header({
  scenario,
  strategy,
  toggles,
  verdict,
  sentence,
  schedule,
  coverage: covered,
}: ExplorePage): HTMLElement {
  const switched = [
    ...toggles.on.map((name) => `${name} on`),
    ...toggles.off.map((name) => `${name} off`),
    ...(toggles.broken ? ["the fix of its bug off"] : []),
  ];
  const tried = covered ? [`${formatCount(covered.schedules)} schedules tried`] : [];
  const origin = [`${scenario} with ${strategy}`, ...switched, ...tried].join(", ");
  return h(
    "header",
    {},
    h("h2", {}, h("strong", { class: `badge ${BADGES[verdict]}` }, `${verdict}:`), ` ${sentence}`),
    h("p", { class: "note" }, origin),
    schedule?.invariant === undefined ? undefined : h("p", {}, "What must hold: ", schedule.invariant, "."),
    ...generationExplained(sentence).map((explained) => h("p", { class: "note" }, explained)),
    schedule && h("p", { class: "see" }, schedule.size),
  );
}

function evidence(schedule: ScheduleOnPage): readonly (HTMLElement | undefined)[] {
  const { stale, because, without } = schedule;
  return [
    stale === undefined
      ? undefined
      : section(
          "Why it was possible",
          h("p", { class: "see" }, `Stale fact: ${stale.replaceAll(" -> ", " \u2192 ")}`),
        ),
    waitGraph(schedule),
    extents(schedule),
    because.length === 0
      ? undefined
      : section("How the bytes got there", h("ol", {}, ...because.map((what) => h("li", {}, what)))),
    without.length === 0
      ? undefined
      : section(
          "Not needed",
          h("p", { class: "see" }, `Parts of the scenario that were left out: ${without.join(", ")}.`),
        ),
  ];
}

/** What is broken by strategy, and whether the same search still finds it. */
function fixMatrix({ caption, rows: [head = [], ...rows] }: NonNullable<ExplorePage["matrix"]>): HTMLElement {
  return section("Is it the fix that helps?", h("p", { class: "see" }, caption), table([...head], rows));
}

/** Rows of the extent map that are not what they were. */
function extents(schedule: ScheduleOnPage): HTMLElement | undefined {
  const { facts } = momentOf(schedule, schedule.steps.length);
  const rows = changedExtents(schedule.before, Object.fromEntries(facts)).map(({ file, before, after }) => [
    file,
    before,
    after,
  ]);
  if (rows.length === 0) return undefined;
  return section(
    "Extents that changed",
    table(["file", "before", "after"], rows),
    h("p", { class: "note" }, "Logical address and length, in bytes."),
  );
}
