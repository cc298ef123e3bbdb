import { BuddiedPages } from "./buddied-pages.ts";
import type { ZpoolEntry } from "./zpool.ts";

export const z3fold: ZpoolEntry = {
  name: "z3fold",
  summary: "Three compressed pages to a page, wherever in it they lie; its oldest page can be emptied.",
  source: "mm/z3fold.c, Linux 6.1; that the middle object may be in the way is left out",
  parameters: {},
  create: (port) => new BuddiedPages(port, 3, 62),
};
