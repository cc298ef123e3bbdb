import type { Row } from "../../sim/index.ts";
import { changeText } from "./interleaving.ts";

/** How the fate of bytes tells that swapon has made a block list. */
const CAPTURED = /^swapon wrote down the addresses of block \d+ of (.+)$/;

/**
 * Check, then act: whoever did the harm had gone by something that somebody else changed in between. Row numbers from 1;
 * undefined if the harm was done by the first to move. `because` is the fate of the bytes, if it is known.
 */
export function staleFact(rows: readonly Row[], because: readonly string[]): string | undefined {
  return staleList(rows, because) ?? lastChange(rows);
}

/** The block list of a swap file, if that is what did the harm, and its extents were moved among these steps. */
function staleList(rows: readonly Row[], because: readonly string[]): string | undefined {
  const file = because.map((what) => CAPTURED.exec(what)?.[1]).find((path) => path !== undefined);
  if (file === undefined) return undefined;
  const moves = ({ changes }: Row) => changes.filter(({ about }) => about === `extents of ${file}`);
  const moved = rows.findIndex((row) => moves(row).length > 0);
  // A page that goes to a slot, or comes from one, with the place that the list names.
  const isUse = (row: Row) =>
    row.changes.some(({ before, after }) => `${before} ${after}`.includes(` of ${file}, `));
  const used = rows.findIndex((row, at) => at > moved && isUse(row));
  if (moved < 0 || used < 0) return undefined;
  const made = rows.findIndex(({ actor }, at) => at < moved && actor.startsWith("swapon"));
  return [
    `the block list of ${file}, made ${since(made)}.`,
    `Step ${named(rows, moved)} moved the blocks: ${moves(rows[moved]!).map(changeText).join("; ")}.`,
    `Step ${named(rows, used)} went by it: ${rows[used]!.changes.map(changeText).join("; ")}.`,
  ].join(" ");
}

/** What somebody else changed last before the harm. */
function lastChange(rows: readonly Row[]): string | undefined {
  const used = rows.length - 1;
  const actor = rows[used]?.actor;
  const changed = rows.findLastIndex((row, at) => at < used && row.actor !== actor && row.changes.length > 0);
  if (changed < 0 || actor === undefined) return undefined;
  const read = rows.findLastIndex((row, at) => at < changed && row.actor === actor);
  const what = rows[changed]!.changes.map(changeText).join("; ");
  return `${actor} acts at step ${used + 1} on what it knew ${since(read)}; step ${named(rows, changed)} changed it: ${what}.`;
}

const since = (row: number): string => (row < 0 ? "before the first step" : `at step ${row + 1}`);

const named = (rows: readonly Row[], at: number): string => `${at + 1} (${rows[at]!.actor})`;
