import type { ScheduleOnPage } from "../../explore/index.ts";
import { functionOf, place } from "../../explore/interleaving.ts";
import { COLOURS } from "../charts/chart.ts";
import { h } from "../dom.ts";
import { said } from "./state.ts";

/** Least width of a processor's column; a window with less room scrolls. */
const COLUMN_EM = 11;

/** The interleaving as a table, and how to mark the row that has just run. */
export interface Interleaving {
  readonly element: HTMLElement;
  /** Marks a row, 0-based; -1 for none. */
  mark(row: number): void;
}

/** A column for each processor, a row for each step; a click on a row goes there. */
export function interleaving(schedule: ScheduleOnPage, onPick: (row: number) => void): Interleaving {
  const { rows, chances } = schedule;
  const placed = place(rows);
  const columns = Math.max(0, ...placed.map(({ cpu }) => cpu)) + 1;
  const cpus = Array.from({ length: columns }, (_, cpu) => cpu);
  const actors = [...new Set(rows.map(({ actor }) => actor))];
  const certain = certainFrom(chances);
  const mark = h(
    "tr",
    { class: "certain" },
    h(
      "td",
      { colspan: columns + (chances.length > 0 ? 2 : 1) },
      `\u25b2 From here on the loss is certain: each of ${schedule.continuations} random ways to go on ends in a violation.`,
    ),
  );
  const lines = placed.map(({ row, cpu, isNew }, at) => {
    const colour = COLOURS[actors.indexOf(row.actor) % COLOURS.length];
    const cell = h(
      "td",
      { class: "step", style: `border-left-color: ${colour}` },
      isNew || row.preempts ? h("b", {}, row.actor) : undefined,
      row.preempts ? h("span", { class: "switch" }, "\u21b7 switch") : undefined,
      h("code", {}, functionOf(row)),
      ...row.changes.map((change) => h("span", { class: "change" }, said(change))),
    );
    const button = h("button", { type: "button", "aria-label": `go to step ${at + 1}` }, String(at + 1));
    const line = h(
      "tr",
      { class: "row" },
      h("th", { scope: "row" }, button),
      ...cpus.map((column) => (column === cpu ? cell : h("td", {}))),
      chances.length > 0 ? h("td", { class: "chance" }, percent(chances[at + 1])) : undefined,
    );
    line.addEventListener("click", () => onPick(at));
    return line;
  });
  const head = [
    h("th", { scope: "col", class: "number" }, "step"),
    ...cpus.map((cpu) => h("th", { scope: "col" }, `CPU ${cpu}`)),
    chances.length > 0
      ? h(
          "th",
          { scope: "col", class: "chance", title: "share of random ways to go on that end in a violation" },
          "then lost",
        )
      : undefined,
  ];
  const body = certain === undefined ? lines : lines.toSpliced(certain, 0, mark);
  const element = h(
    "div",
    { class: "scroll steps" },
    h(
      "table",
      { class: "interleaving", style: `min-width: ${8 + COLUMN_EM * columns}em` },
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...body),
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

/** Scrolls inside the frame only: the page stays where the reader has put it. */
function keepInSight(frame: HTMLElement, line: HTMLElement | undefined): void {
  const top = line?.offsetTop ?? 0;
  const bottom = top + (line?.offsetHeight ?? 0);
  if (top < frame.scrollTop) frame.scrollTop = top;
  else if (bottom > frame.scrollTop + frame.clientHeight) frame.scrollTop = bottom - frame.clientHeight;
}

/** Rows after which every continuation is lost; undefined if that is not known. */
export function certainFrom(chances: readonly number[]): number | undefined {
  const open = chances.findLastIndex((chance) => chance < 1);
  return open + 1 < chances.length ? open + 1 : undefined;
}

const percent = (chance: number | undefined): string =>
  chance === undefined ? "" : `${Math.round(chance * 100)} %`;
