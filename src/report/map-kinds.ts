/** What the letters of a map mean, in the order of the legend. */
export const CELL_KINDS: readonly (readonly [letter: string, meaning: string])[] = [
  ["s", "swap file"],
  ["d", "other files"],
  ["m", "metadata"],
  ["p", "freed, pinned until the commit"],
  ["r", "reserved"],
  ["f", "free in a chunk"],
  ["u", "not allocated"],
];
