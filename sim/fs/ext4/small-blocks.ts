import { assert, type BlockNumber, type Bytes, PAGE_SIZE, type Pages, pagesOf } from "../../engine/index.ts";
import type { ByteRange } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { type BlockRun, endOf, type FreeSpace } from "../free-space.ts";
import { pagesWith } from "../vfs/index.ts";
import type { Ext4File } from "./file.ts";
import type { Volume } from "./volume.ts";

/** The block size of mke2fs -b 1024, and the unit of places and lengths here. */
export const SMALL_BLOCK: Bytes = 1024;
const PER_PAGE = PAGE_SIZE / SMALL_BLOCK;
/**
 * Block 0 is the boot block (s_first_data_block of 1 KiB blocks is 1), so groups, and the buddies that mballoc finds in
 * them, begin one block behind a border of pages.
 */
const FIRST_DATA_BLOCK = 1;
/**
 * What mballoc looks for when much is asked of it: its largest buddy, which has twice as many blocks as a block has bytes
 * (ext4_mb_normalize_request: max).
 */
const BUDDY: Pages = pagesOf(2 * SMALL_BLOCK * SMALL_BLOCK);

/** Where a piece of a file lies, by blocks of 1 KiB: its pages, those of them that are all its own, and what follows. */
interface Placement {
  readonly run: BlockRun;
  readonly whole: BlockRun;
  readonly next: number;
}

/**
 * Files in blocks smaller than a page. Space and contents are counted in pages of the device all the same. Such a page
 * belongs to one file; it *straddles* if a part of it is a neighbour's, which means that no page of the file lies there.
 */
export class SmallBlocks {
  readonly #volume: Volume;
  /** The block behind the last piece that did not end with a page. */
  #cursor: number;
  /** Blocks up to the end of files whose last piece did not end with a page; out of date if the size is another. */
  readonly #ends = new Map<Ext4File, number>();

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#cursor = volume.layout.goal * PER_PAGE + FIRST_DATA_BLOCK;
  }

  /** Free space for much: a buddy. Undefined if little is wanted, or nothing is free in one piece. */
  buddy(free: FreeSpace, goal: BlockNumber, want: Pages): BlockRun | undefined {
    if (want < BUDDY) return undefined;
    return buddyFrom(free, goal) ?? buddyFrom(free, 0);
  }

  /** Of the pages of an allocation the first one begins in a neighbour's, unless the file lies there already. */
  wholePages(file: Ext4File, first: Pages, run: BlockRun): BlockRun {
    const before = file.extents.at(first - 1);
    if (before && endOf(before) === run.block) return run;
    return { block: run.block + 1, count: run.count - 1 };
  }

  /** Blocks were freed: the page behind them, if it lay next to them, shares one with whoever gets them. */
  freed(file: Ext4File, behind: Pages, end: BlockNumber): void {
    if (file.extents.at(behind)?.block === end) file.extents.straddle(behind);
  }

  /** Whether the range begins where the file ends and is none of whole pages. */
  isTail(file: Ext4File, { from, to }: ByteRange): boolean {
    const isPages = from % PAGE_SIZE === 0 && to % PAGE_SIZE === 0;
    return !isPages && Math.ceil(from / SMALL_BLOCK) === this.#endOf(file) && !file.extents.at(file.size);
  }

  /** fallocate of a tail: next to the last one of any file, so that files which grow in turn share pages. */
  append(file: Ext4File, { to }: ByteRange): Errno | undefined {
    const { free } = this.#volume;
    const end = Math.ceil(to / SMALL_BLOCK);
    const length = end - this.#endOf(file);
    const count = pagesOf(to) - file.size;
    if (count > free.blocks) return "ENOSPC";
    const place = this.#placeFor(length, count);
    if (!place) this.#volume.allocate(file, file.size, count);
    else {
      if (count > 0) this.#volume.give(file, file.size, place.run, place.whole);
      this.#cursor = place.next;
    }
    this.#ends.set(file, end);
    return undefined;
  }

  /**
   * Collapse of a part of one page. What lies behind moves in the file by less than a page and on the device not at all,
   * so its pages of the device stay what they are; the one that has lost a part straddles.
   */
  collapse(file: Ext4File, range: ByteRange): Errno | undefined {
    const { first, count } = pagesWith(range);
    if (count > 1) return "EOPNOTSUPP";
    if (first + 1 >= file.size) return "EINVAL";
    this.#volume.changed();
    file.extents.straddle(first);
    return undefined;
  }

  /** Blocks up to the end of the file. */
  #endOf(file: Ext4File): number {
    const end = this.#ends.get(file);
    return end !== undefined && Math.ceil(end / PER_PAGE) === file.size ? end : file.size * PER_PAGE;
  }

  /** Behind the last piece, or where there is room; undefined if free space is in too many pieces. */
  #placeFor(length: number, count: Pages): Placement | undefined {
    const { free } = this.#volume;
    const near = placeAt(free, this.#cursor, length, count);
    const run = free.runAt(near.run.block);
    if (count === 0 || (run && endOf(near.run) <= endOf(run))) return near;
    // One more than its pages: it begins in the first of them and may end in the last.
    const other = free.firstFit(near.run.block, count + 1);
    return other && placeAt(free, other.block * PER_PAGE + FIRST_DATA_BLOCK, length, count);
  }
}

/**
 * `length` blocks from `start` on give a file `count` pages, which are next to each other. Pages in which all blocks are
 * its own are among them. So is the one it begins in if nobody has it, and the one it ends in, if it needs that many;
 * if it needs still more, because others have the pages that it begins and ends in, it gets the next one, and whoever
 * comes then begins a page later.
 */
function placeAt(free: FreeSpace, start: number, length: number, count: Pages): Placement {
  const end = start + length;
  const firstWhole = Math.ceil(start / PER_PAGE);
  const wholes = Math.max(0, Math.floor(end / PER_PAGE) - firstWhole);
  assert(wholes <= count, "a piece has no more whole pages than the file grows by");
  const begun = Math.floor(start / PER_PAGE);
  const block = wholes < count && free.runAt(begun) ? begun : firstWhole;
  const run = { block, count };
  const skipped = Math.max(0, endOf(run) - Math.ceil(end / PER_PAGE));
  return { run, whole: { block: firstWhole, count: wholes }, next: end + skipped * PER_PAGE };
}

function buddyFrom(free: FreeSpace, from: BlockNumber): BlockRun | undefined {
  for (const run of free.runsFrom(from)) {
    const block = Math.ceil(run.block / BUDDY) * BUDDY;
    if (block + BUDDY <= endOf(run)) return { block, count: BUDDY };
  }
  return undefined;
}
