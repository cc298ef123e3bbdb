import type { Wait } from "../../../sim/index.ts";
import type { ScheduleOnPage } from "../../explore/index.ts";
import { waitSentence } from "../../explore/waits.ts";
import { h, section, svg } from "../dom.ts";
import { momentOf, type Now } from "./playback.ts";

const ROW = 56;
const BOX = { width: 330, height: 40 } as const;
const ARC = 44;
/** Room for the name of a lock beside its arc. */
const NAME = 200;

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
  const edges = waits.flatMap((wait) => wait.on.map((to) => ({ from: wait.who, to, lock: wait.for ?? "" })));
  const stateOf = (name: string): string => {
    const wait = waits.find(({ who }) => who === name);
    if (wait) return `waits in ${wait.in}`;
    return stands.get(name) === "done" ? "has ended" : "does not wait for any of these";
  };
  const width = BOX.width + NAME + ARC * (edges.length + 1);
  const lost = new Set(waits.filter(({ never }) => never !== undefined).map(({ who }) => who));
  const boxes = names.map((name, at) => box(name, stateOf(name), lost.has(name), at));
  const arrows = edges.map(({ from, to, lock }, at) =>
    arrow(names.indexOf(from), names.indexOf(to), lock, at),
  );
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

function box(name: string, state: string, isLost: boolean, at: number): SVGElement {
  const y = at * ROW + 6;
  return svg(
    "g",
    {},
    svg("rect", { class: isLost ? "lost" : "", x: 1, y, width: BOX.width, height: BOX.height, rx: 5 }),
    svg("text", { x: 10, y: y + 16, class: "who" }, name),
    svg("text", { x: 10, y: y + 32 }, state),
  );
}

/** An arc on the right; those further out belong to later edges, so that no two lie on each other. */
function arrow(from: number, to: number, lock: string, at: number): SVGElement {
  const middle = (row: number, shift: number): number => row * ROW + 6 + BOX.height / 2 + shift;
  const x = BOX.width + 1;
  const far = x + ARC * (at + 1);
  const start = middle(from, 6);
  const end = middle(to, -6);
  return svg(
    "g",
    {},
    svg("path", { class: "arc", d: `M${x} ${start}H${far}V${end}H${x + 2}`, "marker-end": "url(#head)" }),
    svg("text", { x: far + 4, y: (start + end) / 2 + 4 }, lock),
  );
}
