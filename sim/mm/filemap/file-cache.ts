import { type Actor, assert, type Instant, type Pages } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, NO_FRAME } from "../frame-table.ts";
import type { Mapper } from "../rmap.ts";
import { FileReadahead } from "./file-readahead.ts";

/** Where the pages of a cached file come from. */
export interface FileBacking {
  readonly name: string;
  readonly pages: Pages;
  /** Reads neighbouring blocks with one request, if they lie together. False if they could not be read. */
  read(first: number, count: Pages): Actor<boolean>;
  /** Writes neighbouring blocks, each with fresh contents. False if they could not be written. Left out: read-only. */
  write?(first: number, count: Pages): Actor<boolean>;
}

/**
 * The pages of one file that are in memory (struct address_space), and what one reader of it remembers. One task may
 * map it; 12 bytes a page of the file.
 */
export class FileCache {
  readonly id: number;
  readonly backing: FileBacking;
  readonly readahead: FileReadahead;
  /** Page table of the mapping, if a task maps the file. */
  readonly ptes: Int32Array;
  /** Where a page of it may be mapped (i_mmap). */
  readonly family: readonly Mapper[] = [this];
  /** The task that maps it. */
  mapper: AddressSpace | undefined;
  readonly #frames: Int32Array;
  /** What was left where an evicted page was, 0 if nothing. */
  readonly #shadows: Uint32Array;
  cached: Pages = 0;
  /** Pages that are to be written, and since when there are any (inode->dirtied_when). */
  dirty: Pages = 0;
  dirtiedAt: Instant = 0;
  /** Where the flusher goes on, and how much of its round through the file is left. */
  writebackIndex = 0;
  leftOfRound: Pages = 0;

  constructor(id: number, backing: FileBacking) {
    this.id = id;
    this.backing = backing;
    this.readahead = new FileReadahead(backing.pages);
    this.ptes = new Int32Array(backing.pages);
    this.#frames = new Int32Array(backing.pages).fill(NO_FRAME);
    this.#shadows = new Uint32Array(backing.pages);
  }

  get pages(): Pages {
    return this.backing.pages;
  }

  /** The frame of a page; NO_FRAME if it is not in memory or not in the file. */
  frameOf(page: number): FrameId {
    return this.#frames[page] ?? NO_FRAME;
  }

  has(page: number): boolean {
    return this.frameOf(page) !== NO_FRAME;
  }

  /** Puts a frame in and returns the shadow that was there (filemap_add_folio). */
  add(page: number, frame: FrameId): number {
    assert(this.#frames[page] === NO_FRAME, "a page of a file has at most one frame");
    const shadow = this.#shadows[page]!;
    this.#frames[page] = frame;
    this.#shadows[page] = 0;
    this.cached++;
    return shadow;
  }

  remove(page: number, shadow: number): void {
    assert(this.#frames[page] !== NO_FRAME, "a page that leaves the page cache was in it");
    this.#frames[page] = NO_FRAME;
    this.#shadows[page] = shadow;
    this.cached--;
  }
}
