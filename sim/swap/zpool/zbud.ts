import { BuddiedPages, type Chunks, PAGE_CHUNKS, type PackedPage, type PageKind } from "./buddied-pages.ts";
import type { Handle, ZpoolEntry } from "./zpool.ts";

/** Chunks beside the header (NCHUNKS of mm/zbud.c, 6.1). */
const CHUNKS = PAGE_CHUNKS - 1;

/** A page with an object at each end (struct zbud_header). */
class ZbudPage implements PackedPage {
  #first: Handle | undefined;
  #last: Handle | undefined;
  #firstChunks: Chunks = 0;
  #lastChunks: Chunks = 0;

  objects(): readonly Handle[] {
    return [this.#first, this.#last].filter((handle) => handle !== undefined);
  }

  get room(): Chunks {
    if (this.#firstChunks > 0 && this.#lastChunks > 0) return 0;
    return CHUNKS - this.#firstChunks - this.#lastChunks;
  }

  place(handle: Handle, chunks: Chunks): void {
    if (this.#firstChunks === 0) [this.#first, this.#firstChunks] = [handle, chunks];
    else [this.#last, this.#lastChunks] = [handle, chunks];
  }

  remove(handle: Handle): void {
    if (handle === this.#first) [this.#first, this.#firstChunks] = [undefined, 0];
    else [this.#last, this.#lastChunks] = [undefined, 0];
  }
}

const kind: PageKind<ZbudPage> = {
  create: () => new ZbudPage(),
  // A page less its header and one chunk (zbud_alloc).
  largest: 3968,
  isReclaimable: () => true,
};

export const zbud: ZpoolEntry = {
  name: "zbud",
  summary: "Two compressed pages to a page; simple, and its oldest page can be emptied.",
  source: "mm/zbud.c, Linux 6.1",
  parameters: {},
  create: (port) => new BuddiedPages(port, kind),
};
