import Table from "cli-table3";
import type { StrategyDocument } from "../experiments/index.ts";
import { wrap } from "./format.ts";
import { rowsFor } from "./rows.ts";

const LABEL_WIDTH = 19;
/** A space on each side of a cell. */
const PADDING = 2;
const NARROWEST = 12;

/** The variants side by side, `columns` wide, one row for each thing that can be compared. */
export function sideBySide(results: readonly StrategyDocument[], columns: number, paint: Paint): string {
  const borders = results.length + 2;
  const room = Math.floor((columns - borders - LABEL_WIDTH) / results.length);
  const width = Math.max(NARROWEST, room);
  const table = new Table({
    head: ["", ...results.map(({ name }) => wrap(name, width - PADDING).join("\n"))],
    colWidths: [LABEL_WIDTH, ...results.map(() => width)],
    style: { head: [], border: [], compact: true },
  });
  for (const { label, cell } of rowsFor(results)) {
    const painted = label === "verdict" ? paint : plain;
    const cells = results.map((result) => paintedLines(cell(result), result, width - PADDING, painted));
    table.push([wrap(label, LABEL_WIDTH - PADDING).join("\n"), ...cells]);
  }
  return table.toString();
}

type Paint = (text: string, result: StrategyDocument) => string;

const plain: Paint = (text) => text;

/** Colours line by line, because a colour that spans lines would run into the neighbouring cell. */
function paintedLines(text: string, result: StrategyDocument, width: number, paint: Paint): string {
  return wrap(text, width)
    .map((line) => paint(line, result))
    .join("\n");
}
