import type { Change } from "../../../sim/index.ts";
import { changeText } from "../../explore/interleaving.ts";
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

/** Pages, files and block groups; what the last step changed stands out. */
export function facts({ facts: all, changes }: Now): HTMLElement {
  const fresh = new Set(changes.map(({ about }) => about));
  const entries = [...all].sort(([a], [b]) => Number(b.startsWith("page ")) - Number(a.startsWith("page ")));
  const rows = entries.map(([about, value]) => [about, fresh.has(about) ? h("mark", {}, value) : value]);
  return table(["what", "now"], rows);
}
