import { formatBytes } from "../../report/format.ts";
import { CELL_KINDS } from "../../report/map-kinds.ts";
import { h } from "../dom.ts";
import type { Now, StretchNow } from "./playback.ts";

const BLOCK = 4096;
const MEANING: ReadonlyMap<string, string> = new Map(CELL_KINDS);

/** Who owns what of each device, as boxes in the order of the blocks, and where swap would write to. */
export function diskStrip({ disk }: Now): readonly HTMLElement[] {
  const devices = [...new Set(disk.map(({ device }) => device))];
  if (devices.length === 0) return [h("p", { class: "note" }, "There is no filesystem.")];
  const used = new Set(disk.map(({ cell }) => cell));
  const legend = CELL_KINDS.filter(([letter]) => used.has(letter)).map(([letter, meaning]) =>
    h("span", {}, h("i", { class: `cell-${letter}` }), meaning),
  );
  return [
    swapSentence(disk),
    ...devices.map((device) =>
      h(
        "div",
        { class: "strip", role: "img", "aria-label": `the blocks of ${device}` },
        h("span", { class: "strip-name" }, device),
        ...disk.filter((stretch) => stretch.device === device).map(box),
      ),
    ),
    h(
      "p",
      { class: "legend" },
      ...legend,
      h("span", {}, h("i", { class: "swap-here" }), "swap writes here"),
      h("span", {}, h("i", { class: "is-new" }), "changed by this step"),
    ),
    h(
      "p",
      { class: "note" },
      "Not to scale: every doubling makes a box wider by a little, and where neither files nor swap come all are small.",
    ),
  ];
}

/** Wider by a little for each doubling, so that four blocks can be seen beside a hundred thousand. */
function box(stretch: StretchNow): HTMLElement {
  const { cell, swap, isNew, path, block, count, matters } = stretch;
  const size = formatBytes(count * BLOCK);
  const swapped = swap === null ? "" : "; swap writes here";
  return h(
    "div",
    {
      class: `stretch cell-${cell}${swap === null ? "" : " swap-here"}${isNew ? " is-new" : ""}${matters ? "" : " small"}`,
      style: `flex-grow: ${(1 + Math.log2(count)).toFixed(2)}`,
      title: `${whatIs(stretch)}: block ${block}, ${count} blocks, ${size}${swapped}`,
    },
    matters ? (path ?? MEANING.get(cell)?.replace(/[ ,].*/, "")) : undefined,
  );
}

const whatIs = ({ cell, path }: StretchNow): string =>
  path === undefined ? (MEANING.get(cell) ?? cell) : `${MEANING.get(cell)} ${path}`;

/** Where swap would write to, and whose that is: the one thing that must never go wrong. */
function swapSentence(disk: readonly StretchNow[]): HTMLElement {
  const blocks = new Map<string, number>();
  let isRight = true;
  for (const stretch of disk) {
    if (stretch.swap === null) continue;
    isRight &&= stretch.cell === "s" && stretch.swap === stretch.path;
    const whose =
      stretch.swap === stretch.path || stretch.swap === ""
        ? whatIs(stretch)
        : stretch.swap.replaceAll(", ", " and ");
    blocks.set(whose, (blocks.get(whose) ?? 0) + stretch.count);
  }
  if (blocks.size === 0) return h("p", {}, "Swap would write to no block of this filesystem.");
  const owners = [...blocks].map(([what, count]) => `${count} blocks of: ${what}`).join("; ");
  return h("p", isRight ? {} : { class: "failed" }, `Swap would write to ${owners}.`);
}
