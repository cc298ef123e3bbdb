import type { Change } from "../../../sim/index.ts";
import type { ScheduleOnPage } from "../../explore/index.ts";
import { changeText } from "../../explore/interleaving.ts";
import { formatCount } from "../../report/format.ts";
import { h, table } from "../dom.ts";
import type { Now } from "./playback.ts";

/** A change as on a terminal, with an arrow that no line can be broken in. */
export const said = (change: Change): string => changeText(change).replaceAll(" -> ", " \u2192 ");

/** What the last step changed, in words. */
export function changed({ changes, position }: Now): HTMLElement {
  if (position === 0) return h("p", { class: "note" }, "Nothing has happened yet.");
  if (changes.length === 0) return h("p", { class: "note" }, "Nothing that is shown here changed.");
  return h("ul", { class: "changes" }, ...changes.map((change) => h("li", {}, said(change))));
}

/** Locks held, with who waits for them; then everybody else who waits. */
export function locks({ locks: held, waits }: Now): HTMLElement {
  const rows = held.map(({ lock, by }) => {
    const waiting = waits.filter((wait) => wait.for === lock).map((wait) => `${wait.who} in ${wait.in}`);
    return [lock, by.join(", "), waiting.join("; ")];
  });
  const others = waits
    .filter((wait) => !held.some(({ lock }) => lock === wait.for))
    .map((wait) => [
      wait.for ?? wait.never ?? "I/O, or to be woken",
      wait.on.join(", "),
      `${wait.who} in ${wait.in}`,
    ]);
  const all = [...rows, ...others];
  if (all.length === 0) return h("p", { class: "note" }, "No lock is held, and nobody waits.");
  return table(["lock or event", "held by", "waits for it, in"], all);
}

/** The kernel function before which each process stands. */
export function stands({ stands: by }: Now): HTMLElement {
  if (by.size === 0) return h("p", { class: "note" }, "Nobody has stepped yet.");
  return table(["process", "stands before"], [...by]);
}

/** What some step of the run changes: the rest is as it was from the beginning. */
export function everChanged({ steps }: ScheduleOnPage): ReadonlySet<string> {
  return new Set(steps.flatMap(({ changes }) => changes.map(({ about }) => about)));
}

/** Pages, files and block groups that change at some time; what the last step changed stands out. */
export function facts({ facts: all, changes }: Now, changing: ReadonlySet<string>): HTMLElement {
  const fresh = new Set(changes.map(({ about }) => about));
  const entries = sorted([...all].filter(([about]) => changing.has(about)));
  const rows = entries.map(([about, value]) => [about, fresh.has(about) ? h("mark", {}, value) : value]);
  if (rows.length === 0) return h("p", { class: "note" }, "None of those that change is there.");
  return table(["what", "now"], rows);
}

/** What no step changes, folded up: on a large machine that is nearly all. Undefined if there is nothing. */
export function unchanging(
  { before }: ScheduleOnPage,
  changing: ReadonlySet<string>,
): HTMLElement | undefined {
  const rows = sorted(Object.entries(before).filter(([about]) => !changing.has(about)));
  if (rows.length === 0) return undefined;
  const title = `${formatCount(rows.length)} more that no step changes`;
  return h("details", {}, h("summary", {}, title), table(["what", "from first to last"], rows));
}

/** Pages first, because they are what everything is about. */
function sorted(entries: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return entries.toSorted(([a], [b]) => Number(b.startsWith("page ")) - Number(a.startsWith("page ")));
}
