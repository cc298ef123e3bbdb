import type { Wait } from "../../../sim/index.ts";
import type { ScheduleOnPage } from "../../explore/index.ts";
import { waitSentence } from "../../explore/waits.ts";
import { h, section, svg } from "../dom.ts";
import { momentOf, type Now } from "./playback.ts";

const ROW = 56;
const BOX_HEIGHT = 40;
const ARC = 24;
/** Width of a letter at most, and of what is beside the text in a box. */
const LETTER = 7.2;
const BESIDE = 20;

/** Who waits for whom in the end: boxes are processes, arrows lead from a waiter to who must go on first. */
export function waitGraph(schedule: ScheduleOnPage): HTMLElement | undefined {
  if (!schedule.stuck) return undefined;
  const { waits, stands } = momentOf(schedule, schedule.steps.length);
  if (waits.length === 0) return undefined;
  return section(
    "Who waits for whom",
    h(
      "p",
      { class: "see" },
      "An arrow leads from who waits to who must go on first. A ring of arrows never opens, and what is framed waits in vain.",
    ),
    h("div", { class: "scroll" }, drawing(waits, stands)),
    h("ul", {}, ...waits.map((wait) => h("li", {}, waitSentence(wait)))),
  );
}

function drawing(waits: readonly Wait[], stands: Now["stands"]): SVGElement {
  const names = [...new Set(waits.flatMap(({ who, on }) => [who, ...on]))];
  const edges = waits.flatMap(({ who, on }) => on.map((to) => ({ from: who, to })));
  const stateOf = (name: string): string => {
    const wait = waits.find(({ who }) => who === name);
    if (wait) return `waits in ${wait.in}${wait.for === undefined ? "" : ` for ${wait.for}`}`;
    return stands.get(name) === "done" ? "has ended" : "does not wait for any of these";
  };
  const lost = new Set(waits.filter(({ never }) => never !== undefined).map(({ who }) => who));
  const letters = Math.max(...names.flatMap((name) => [name.length, stateOf(name).length]));
  const boxWidth = Math.ceil(letters * LETTER) + BESIDE;
  const width = boxWidth + ARC * (edges.length + 1);
  const boxes = names.map((name, at) => box(name, stateOf(name), lost.has(name), at, boxWidth));
  const arrows = edges.map(({ from, to }, at) => arrow(names.indexOf(from), names.indexOf(to), boxWidth, at));
  return svg(
    "svg",
    { class: "wait-graph", width, height: names.length * ROW, role: "img", "aria-label": "wait-for graph" },
    svg(
      "marker",
      { id: "head", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" },
      svg("path", { d: "M0 0L8 4L0 8z" }),
    ),
    ...boxes,
    ...arrows,
  );
}

function box(name: string, state: string, isLost: boolean, at: number, width: number): SVGElement {
  const y = at * ROW + 6;
  return svg(
    "g",
    {},
    svg("rect", { class: isLost ? "lost" : "", x: 1, y, width, height: BOX_HEIGHT, rx: 5 }),
    svg("text", { x: 10, y: y + 16, class: "who" }, name),
    svg("text", { x: 10, y: y + 32 }, state),
  );
}

/** An arc on the right; those further out belong to later edges, so that no two lie on each other. */
function arrow(from: number, to: number, boxWidth: number, at: number): SVGElement {
  const middle = (row: number, shift: number): number => row * ROW + 6 + BOX_HEIGHT / 2 + shift;
  const x = boxWidth + 1;
  const path = `M${x} ${middle(from, 6)}H${x + ARC * (at + 1)}V${middle(to, -6)}H${x + 2}`;
  return svg("path", { class: "arc", d: path, "marker-end": "url(#head)" });
}
