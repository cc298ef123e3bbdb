import type { Pages } from "../../engine/index.ts";

/** Largest window: 128 KiB (VM_READAHEAD_PAGES, 6.1). */
export const READAHEAD_MAX: Pages = 32;
/** First window of a reader that asks for one page (get_init_ra_size, 6.1). */
const FIRST_WINDOW: Pages = 4;

/** Pages to read at once, and which of them starts the next window when it is used. */
export interface ReadWindow {
  readonly first: number;
  readonly pages: Pages;
  /** The marked page; -1 for none. */
  readonly mark: number;
}

/** What readahead remembers of one reader of a file (struct file_ra_state), by the rules of ondemand_readahead of 6.1. */
export class FileReadahead {
  readonly #filePages: Pages;
  #start = 0;
  #size: Pages = 0;
  #lookahead: Pages = 0;
  /** Page after the last one that was read. */
  #previous = 0;
  /** Faults on a mapping that missed, less those that hit (mmap_miss). */
  misses = 0;

  constructor(filePages: Pages) {
    this.#filePages = filePages;
  }

  /** The reader has read a page. */
  hasRead(page: number): void {
    this.#previous = page + 1;
  }

  /**
   * The window for a page that is missing, or for a marked page that was used. `isCached` tells of other pages.
   * Undefined if the neighbourhood is in memory already, or lies behind the end of the file.
   */
  window(page: number, marked: boolean, isCached: (page: number) => boolean): ReadWindow | undefined {
    const expected = this.#start + this.#size - this.#lookahead;
    if (page === 0) return this.#first(page);
    if (page === expected || page === this.#start + this.#size) {
      this.#start += this.#size;
      this.#size = Math.max(this.#size, nextSize(this.#size));
      this.#lookahead = this.#size;
      return this.#submit(page);
    }
    if (marked) return this.#afterMark(page, isCached);
    if (page - this.#previous === 0 || page - this.#previous === 1) return this.#first(page);
    return this.#byHistory(page, isCached) ?? { first: page, pages: 1, mark: -1 };
  }

  /** The window around a fault on a mapping (do_sync_mmap_readahead). */
  windowAround(page: number): ReadWindow {
    this.#start = Math.max(0, page - READAHEAD_MAX / 2);
    this.#size = READAHEAD_MAX;
    this.#lookahead = READAHEAD_MAX / 4;
    return this.#cut();
  }

  #first(page: number): ReadWindow | undefined {
    this.#start = page;
    this.#size = FIRST_WINDOW;
    this.#lookahead = FIRST_WINDOW - 1;
    return this.#submit(page);
  }

  /** Somebody else read ahead here: go on behind what is cached. */
  #afterMark(page: number, isCached: (page: number) => boolean): ReadWindow | undefined {
    let start = page + 1;
    while (start < page + 1 + READAHEAD_MAX && isCached(start)) start++;
    if (start - page > READAHEAD_MAX) return undefined;
    this.#start = start;
    this.#size = nextSize(start - page + 1);
    this.#lookahead = this.#size;
    return this.#submit(page);
  }

  /** try_context_readahead: a run of cached pages before this one shows a sequential reader. */
  #byHistory(page: number, isCached: (page: number) => boolean): ReadWindow | undefined {
    let history = 0;
    while (history < READAHEAD_MAX && history < page && isCached(page - 1 - history)) history++;
    if (history <= 1) return undefined;
    const size = history >= page ? history * 2 : history;
    this.#start = page;
    this.#size = Math.min(size + 1, READAHEAD_MAX);
    this.#lookahead = 1;
    return this.#submit(page);
  }

  /** A window that begins with the page itself and would be asked for again at once takes the next one along. */
  #submit(page: number): ReadWindow | undefined {
    if (page === this.#start && this.#size === this.#lookahead) {
      const more = nextSize(this.#size);
      if (this.#size + more <= READAHEAD_MAX) {
        this.#lookahead = more;
        this.#size += more;
      } else {
        this.#size = READAHEAD_MAX;
        this.#lookahead = READAHEAD_MAX / 2;
      }
    }
    const window = this.#cut();
    return window.pages > 0 ? window : undefined;
  }

  #cut(): ReadWindow {
    const pages = Math.max(0, Math.min(this.#size, this.#filePages - this.#start));
    return { first: this.#start, pages, mark: this.#start + this.#size - this.#lookahead };
  }
}

/** get_next_ra_size: small windows grow fast. */
function nextSize(size: Pages): Pages {
  if (size < READAHEAD_MAX / 16) return 4 * size;
  return size <= READAHEAD_MAX / 2 ? 2 * size : READAHEAD_MAX;
}
