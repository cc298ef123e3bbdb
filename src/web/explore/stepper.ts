import type { ScheduleOnPage } from "../../explore/index.ts";
import { h } from "../dom.ts";
import { diskStrip } from "./disk-strip.ts";
import { interleaving } from "./interleaving.ts";
import { momentOf, type Now } from "./playback.ts";
import { changed, everChanged, facts, locks, stands, unchanging } from "./state.ts";

/** Buttons: what they say, the keys that do the same, and where they lead from a position. */
type Move = readonly [text: string, key: string, to: (position: number) => number];

/** The interleaving beside the machine; both follow the buttons, the arrow keys and the slider. */
export function stepper(schedule: ScheduleOnPage): HTMLElement {
  const { rows, steps } = schedule;
  const last = steps.length;
  const stops = [...new Set([0, ...rows.map(({ at }) => at + 1), last])].sort((a, b) => a - b);
  let position = -1;
  const go = (to: number): void => {
    const bounded = Math.min(Math.max(to, 0), last);
    if (bounded === position) return;
    position = bounded;
    show();
  };
  const moves: readonly Move[] = [
    ["first", "Home", () => 0],
    ["\u25c0 step", "ArrowLeft", (from) => stops.findLast((stop) => stop < from) ?? 0],
    ["\u2039 part", "Shift+ArrowLeft", (from) => from - 1],
    ["part \u203a", "Shift+ArrowRight", (from) => from + 1],
    ["step \u25b6", "ArrowRight", (from) => stops.find((stop) => stop > from) ?? last],
    ["last", "End", () => last],
  ];
  const buttons = moves.map(([text, key, to]) => {
    const button = h("button", { type: "button", title: key.replace("Arrow", "arrow ") }, text);
    button.addEventListener("click", () => go(to(position)));
    return button;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === slider) return;
    const key = `${event.shiftKey ? "Shift+" : ""}${event.key}`;
    const move = moves.find(([, name]) => name === key);
    if (!move) return;
    event.preventDefault();
    go(move[2](position));
  });
  const slider = h("input", {
    type: "range",
    min: 0,
    max: last,
    value: 0,
    "aria-label": "parts of steps taken",
  });
  slider.addEventListener("input", () => go(Number((slider as HTMLInputElement).value)));
  const where = h("output", { class: "where" });
  const table = interleaving(schedule, (row) => go(rows[row]!.at + 1));
  const changing = everChanged(schedule);
  // One element for the whole run, so that it stays open or folded as the reader has left it.
  const still = unchanging(schedule, changing);
  const machine = h("div", { class: "machine", "aria-live": "polite" });
  const show = (): void => {
    const row = rows.findLastIndex(({ at }) => at < position);
    (slider as HTMLInputElement).value = String(position);
    where.textContent = `step ${row + 1} of ${rows.length}, part ${position} of ${last}`;
    table.mark(row);
    const now = momentOf(schedule, position);
    const things = [facts(now, changing), ...(still ? [still] : [])];
    machine.replaceChildren(...machineAt(schedule, now, things));
  };
  go(0);
  return h(
    "div",
    { class: "stepper" },
    h("div", {}, h("h3", {}, "The interleaving"), table.element),
    h(
      "div",
      { class: "moment" },
      h(
        "div",
        { class: "controls" },
        h("div", { class: "buttons" }, ...buttons),
        h("label", { class: "slider" }, slider, where),
      ),
      machine,
    ),
  );
}

/** All that is known of the machine at one moment; `things` are its pages, files and block groups. */
function machineAt(
  { steps }: ScheduleOnPage,
  now: Now,
  things: readonly HTMLElement[],
): readonly HTMLElement[] {
  const step = steps[now.position - 1];
  const title = step ? `${step.name}: ${[step.label, ...step.chose].join("; ")}` : "Before the first step";
  const then =
    step === undefined ? "" : step.stops === "done" ? "It has ended." : `It now stands before ${step.stops}.`;
  const parts: readonly (readonly [string, readonly HTMLElement[]])[] = [
    ["What changed", [changed(now)]],
    ["The disk", diskStrip(now)],
    ["Locks", [locks(now)]],
    ["Pages, files, block groups", things],
    ["Where everybody stands", [stands(now)]],
  ];
  return [
    h("h3", { class: "step-title" }, title),
    h(
      "p",
      { class: "note" },
      step?.preempts ? `It took over from somebody who could have gone on. ${then}` : then,
    ),
    ...parts.flatMap(([name, children]) => [h("h4", {}, name), ...children]),
  ];
}
