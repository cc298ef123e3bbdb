import type { StrategyDocument } from "../experiments/index.ts";
import { formatBytes, formatDuration, formatMany, formatPercent } from "../report/format.ts";
import { CELL_KINDS } from "../report/map-kinds.ts";
import { begun } from "./begun.ts";
import { h, section, svg } from "./dom.ts";

type DiskMap = StrategyDocument["recording"]["disk"][number];

const COLUMNS = 64;
const BLOCK = 4096;

/** The disk before, at a moment that a slider picks, and after, for each variant. */
export function diskMaps(results: readonly StrategyDocument[]): HTMLElement | undefined {
  const mapped = results.filter(({ recording }) => recording.disk.length > 0);
  const [first] = mapped;
  if (!first) return undefined;
  const end = Math.max(...mapped.map(({ simulatedNs }) => simulatedNs));
  const movers: ((at: number) => void)[] = [];
  const rows = mapped.flatMap((result) =>
    devicesOf(result).map((device) => {
      const maps = result.recording.disk.filter((map) => map.device === device);
      const { row, move } = threeMaps(result.name, device, maps);
      movers.push(move);
      return row;
    }),
  );
  const { control, now } = slider(end, mapped, (at) => {
    for (const move of movers) move(at);
  });
  const { blocksPerCell } = first.recording.disk[0]!;
  return section(
    "The disk, before and after",
    h("p", { class: "see" }, mapped.map(moved).join(" ")),
    h(
      "p",
      { class: "note" },
      `A cell is ${formatBytes(blocksPerCell * BLOCK)}, read like text; its colour tells what most of it is.`,
    ),
    legend(mapped),
    control,
    now,
    h("div", { class: "maps" }, ...rows),
  );
}

function devicesOf({ recording }: StrategyDocument): readonly string[] {
  return [...new Set(recording.disk.map(({ device }) => device))];
}

/** How much of the swap file lies elsewhere at the end, in words. */
function moved({ name, recording, space }: StrategyDocument): string {
  const isThere = ({ cells }: { readonly cells: string }): boolean => cells.includes("s");
  const { swapFileExtentsBefore: before = 0, swapFileExtentsAfter: extents = 0 } = space ?? {};
  const share = space?.swapFileMoved ?? null;
  if (before === 0 && recording.disk.some(isThere))
    return `${name}: the swap file becomes one during the run.`;
  if (before === 0) return `${name}: there is no swap file on this filesystem.`;
  const torn =
    extents > before ? ` It is cut into ${formatMany(extents, "extent")}, ${before} at first.` : "";
  if (share === null) return `${name}: the result does not say how much of the swap file moves.${torn}`;
  if (share === 0) return `With ${name} the swap file stays where it was.${torn}`;
  return `With ${name} the filesystem moves ${formatPercent(share)} of the swap file.${torn}`;
}

function legend(results: readonly StrategyDocument[]): HTMLElement {
  const used = new Set(results.flatMap(({ recording }) => recording.disk.flatMap(({ cells }) => [...cells])));
  const entries = CELL_KINDS.filter(([letter]) => used.has(letter)).map(([letter, meaning]) =>
    h("span", {}, h("i", { class: `cell-${letter}` }), meaning),
  );
  return h("p", { class: "legend" }, ...entries);
}

/** The slider and a line that says what runs at its moment. */
function slider(
  end: number,
  results: readonly StrategyDocument[],
  onMove: (at: number) => void,
): { readonly control: HTMLElement; readonly now: HTMLElement } {
  const input = h("input", {
    type: "range",
    min: 0,
    max: end,
    step: Math.max(1, Math.floor(end / 500)),
    value: 0,
    "aria-label": "simulated time of the middle map",
  });
  const label = h("output", {});
  const now = h("p", { class: "note", "aria-live": "polite" });
  const show = (): void => {
    const at = Number((input as HTMLInputElement).value);
    label.textContent = formatDuration(at);
    const running = results.flatMap((result) =>
      begun(result)
        .filter((step) => step.at <= at && at < (step.endedAt ?? end))
        .map(({ id }) => `${id} (${result.name})`),
    );
    now.textContent =
      running.length > 0 ? `Running then: ${running.join(", ")}.` : "No maintenance runs then.";
    onMove(at);
  };
  input.addEventListener("input", show);
  (input as HTMLInputElement).value = String(middleOf(results, end));
  queueMicrotask(show);
  return { control: h("label", { class: "slider" }, "moment ", input, label), now };
}

/** Where the slider stands at first: in the first operation, or in the middle. */
function middleOf(results: readonly StrategyDocument[], end: number): number {
  const [step] = results.flatMap(begun);
  return step ? (step.at + (step.endedAt ?? end)) / 2 : end / 2;
}

function threeMaps(
  variant: string,
  device: string,
  maps: readonly DiskMap[],
): { readonly row: HTMLElement; readonly move: (at: number) => void } {
  const before = new CellPicture(maps[0]!);
  const then = new CellPicture(maps[0]!);
  const after = new CellPicture(maps.at(-1)!);
  const picture = (title: string, { element }: CellPicture): HTMLElement =>
    h("div", {}, h("span", { class: "note" }, title), element);
  const row = h(
    "div",
    { class: "map-row" },
    h("h4", {}, `${variant}, ${device}`),
    h(
      "div",
      { class: "three" },
      picture("before", before),
      picture("at the moment", then),
      picture("after", after),
    ),
  );
  const move = (at: number): void => then.show(maps.findLast((map) => map.at <= at) ?? maps[0]!);
  return { row, move };
}

/** One map as a picture: one path a kind, so that a style sheet can colour it. */
class CellPicture {
  readonly element: SVGElement;
  readonly #paths: readonly (readonly [string, SVGElement])[];

  constructor(map: DiskMap) {
    const rows = Math.ceil(map.cells.length / COLUMNS);
    this.#paths = CELL_KINDS.map(([letter, meaning]) => {
      const path = svg("path", { class: `cell-${letter}` }, svg("title", {}, meaning));
      return [letter, path] as const;
    });
    const paths = this.#paths.map(([, path]) => path);
    this.element = svg("svg", { viewBox: `0 0 ${COLUMNS} ${rows}`, class: "map", role: "img" }, ...paths);
    this.show(map);
  }

  show({ cells }: DiskMap): void {
    for (const [letter, path] of this.#paths) path.setAttribute("d", outline(cells, letter));
  }
}

/** The cells of one kind as rectangles, neighbours in a row joined. */
function outline(cells: string, letter: string): string {
  let path = "";
  for (let at = 0; at < cells.length; ) {
    if (cells[at] !== letter) {
      at++;
      continue;
    }
    const start = at;
    const rowEnd = (Math.floor(at / COLUMNS) + 1) * COLUMNS;
    while (at < rowEnd && cells[at] === letter) at++;
    path += `M${start % COLUMNS} ${Math.floor(start / COLUMNS)}h${at - start}v1h${start - at}z`;
  }
  return path;
}
