import { PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { ByteRange } from "../administration.ts";

/** Blocks [first, first + count) of a file. */
export interface BlockRange {
  readonly first: Pages;
  readonly count: Pages;
}

/** Every block of which a range has at least a byte. */
export function touchedBlocks({ from, to }: ByteRange): BlockRange {
  const first = Math.floor(from / PAGE_SIZE);
  return { first, count: Math.ceil(to / PAGE_SIZE) - first };
}

/** Blocks that lie in a range as a whole. */
export function wholeBlocks({ from, to }: ByteRange): BlockRange {
  const first = Math.ceil(from / PAGE_SIZE);
  return { first, count: Math.max(0, Math.floor(to / PAGE_SIZE) - first) };
}

/** Blocks of which a range has a part only: at most its first and its last one. */
export function partialBlocks(range: ByteRange): readonly Pages[] {
  const touched = touchedBlocks(range);
  const whole = wholeBlocks(range);
  const ends = [touched.first, touched.first + touched.count - 1];
  const isPartial = (block: Pages): boolean => block < whole.first || block >= whole.first + whole.count;
  return touched.count > 0 ? [...new Set(ends)].filter(isPartial) : [];
}
