import { BuddiedPages } from "./buddied-pages.ts";
import type { ZpoolEntry } from "./zpool.ts";

export const zbud: ZpoolEntry = {
  name: "zbud",
  summary: "Two compressed pages to a page; simple, and its oldest page can be emptied.",
  source: "mm/zbud.c, Linux 6.1",
  parameters: {},
  create: (port) => new BuddiedPages(port, { objectsMax: 2, headerChunks: 1, headless: false }),
};
