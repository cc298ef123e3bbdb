import { BuddiedPages } from "./buddied-pages.ts";
import type { ZpoolEntry } from "./zpool.ts";

export const z3fold: ZpoolEntry = {
  name: "z3fold",
  summary: "Three compressed pages to a page, wherever in it they lie; its oldest page can be emptied.",
  source: "mm/z3fold.c, Linux 6.1; that the middle object may be in the way is left out",
  parameters: {},
  // struct z3fold_header has 88 bytes on a 64-bit machine: two chunks.
  create: (port) => new BuddiedPages(port, { objectsMax: 3, headerChunks: 2, headless: true }),
};
