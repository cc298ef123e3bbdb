import type { ScheduleOnPage } from "../../explore/index.ts";
import { functionOf, place } from "../../explore/interleaving.ts";
import { COLOURS } from "../charts/chart.ts";
import { h } from "../dom.ts";
import { said } from "./state.ts";

/** Least width of a processor's column; a window with less room scrolls. */
const COLUMN_EM = 7.5;

/** The interleaving as a table, and how to mark the row that has just run. */
export interface Interleaving {
  readonly element: HTMLElement;
  /** Marks a row, 0-based; -1 for none. */
  mark(row: number): void;
}

type Placed = ReturnType<typeof place>[number];

/** A column for each processor, a row for each step; a click on a row goes there. */
export function interleaving(schedule: ScheduleOnPage, onPick: (row: number) => void): Interleaving {
  const { rows, chances } = schedule;
  const placed = place(rows);
  const columns = Math.max(0, ...placed.map(({ cpu }) => cpu)) + 1;
  const actors = [...new Set(rows.map(({ actor }) => actor))];
  const lines = placed.map((one, at) => {
    const colour = COLOURS[actors.indexOf(one.row.actor) % COLOURS.length]!;
    const button = h("button", { type: "button", "aria-label": `go to step ${at + 1}` }, String(at + 1));
    const cells = Array.from({ length: columns }, (_, cpu) =>
      cpu === one.cpu ? step(one, colour) : h("td"),
    );
    const line = h(
      "tr",
      { class: "row" },
      h("th", { scope: "row" }, button),
      ...cells,
      chance(chances[at + 1]),
    );
    line.addEventListener("click", () => onPick(at));
    return line;
  });
  const certain = certainFrom(chances);
  const body = certain === undefined ? lines : lines.toSpliced(certain, 0, certainty(schedule, columns));
  const element = h(
    "div",
    { class: "scroll steps" },
    h(
      "table",
      { class: "interleaving", style: `min-width: ${7 + COLUMN_EM * columns}em` },
      h("thead", {}, head(columns, chances.length > 0)),
      h("tbody", {}, start(chances[0], columns), ...body),
    ),
  );
  return {
    element,
    mark: (row) => {
      for (const [at, line] of lines.entries()) {
        line.classList.toggle("later", at > row);
        if (at === row) line.setAttribute("aria-current", "step");
        else line.removeAttribute("aria-current");
      }
      keepInSight(element, lines[row]);
    },
  };
}

function head(columns: number, hasChances: boolean): HTMLElement {
  const title = "share of random ways to go on that end in a violation";
  return h(
    "tr",
    {},
    h("th", { scope: "col", class: "number" }, "step"),
    ...Array.from({ length: columns }, (_, cpu) => h("th", { scope: "col" }, `CPU ${cpu}`)),
    hasChances ? h("th", { scope: "col", class: "chance", title }, "then lost") : undefined,
  );
}

/** Actor, kernel function, and what became of things. */
function step({ row, isNew }: Placed, colour: string): HTMLElement {
  return h(
    "td",
    { class: "step", style: `border-left-color: ${colour}` },
    isNew || row.preempts ? h("b", {}, row.actor) : undefined,
    row.preempts ? h("span", { class: "switch" }, "\u21b7 switch") : undefined,
    h("code", {}, functionOf(row)),
    ...row.changes.map((change) => h("span", { class: "change" }, said(change))),
  );
}

/** How likely the end is before anything has happened. */
function start(share: number | undefined, columns: number): HTMLElement | undefined {
  if (share === undefined) return undefined;
  return h(
    "tr",
    { class: "start" },
    h("td", { colspan: columns + 1 }, "before the first step"),
    chance(share),
  );
}

function chance(share: number | undefined): HTMLElement | undefined {
  return share === undefined ? undefined : h("td", { class: "chance" }, `${Math.round(share * 100)} %`);
}

function certainty({ continuations }: ScheduleOnPage, columns: number): HTMLElement {
  const text = `\u25b2 From here on the loss is certain: each of ${continuations} random ways to go on ends in a violation.`;
  return h("tr", { class: "certain" }, h("td", { colspan: columns + 2 }, h("span", {}, text)));
}

/** Rows after which every continuation is lost; undefined if that is not known. */
function certainFrom(chances: readonly number[]): number | undefined {
  const open = chances.findLastIndex((share) => share < 1);
  return open + 1 < chances.length ? open + 1 : undefined;
}

/** Where the frame is lower than the table it scrolls, and the page stays where the reader has put it. */
function keepInSight(frame: HTMLElement, line: HTMLElement | undefined): void {
  if (line === undefined) return;
  if (frame.scrollHeight <= frame.clientHeight) {
    line.scrollIntoView({ block: "nearest" });
    return;
  }
  const head = frame.querySelector("thead")?.offsetHeight ?? 0;
  const top = line.offsetTop - head;
  const bottom = line.offsetTop + line.offsetHeight;
  if (top < frame.scrollTop) frame.scrollTop = top;
  else if (bottom > frame.scrollTop + frame.clientHeight) frame.scrollTop = bottom - frame.clientHeight;
}
