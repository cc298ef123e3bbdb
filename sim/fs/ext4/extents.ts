import { type BlockNumber, fail, type Pages } from "../../engine/index.ts";
import type { Holder } from "../filesystem.ts";
import { endOf } from "../free-space.ts";
import { OrderedMap } from "../ordered-map.ts";
import type { Ext4File } from "./file.ts";

/** Longest written extent: 128 MiB (EXT_INIT_MAX_LEN). */
const WRITTEN_MAX: Pages = 32_768;
/** The top bit of the length marks an unwritten extent, so it is one block shorter (EXT_UNWRITTEN_MAX_LEN). */
const UNWRITTEN_MAX: Pages = 32_767;

/** File blocks [first, first + count) lie at `block` and after. */
export interface Extent {
  readonly first: Pages;
  readonly count: Pages;
  readonly block: BlockNumber;
  /** False: allocated only (fallocate); reads as zeroes until it is written. */
  readonly written: boolean;
  /** Each of its pages lies across a border of pages of the device (small-blocks.ts), so swap cannot use it. */
  readonly straddles?: true;
}

/** File blocks [first, first + count) at `block` and after, of whatever kinds. */
export type FileRun = Pick<Extent, "first" | "count" | "block">;

/** Part of a file: an extent cut to the range asked for, or a hole. */
export type Piece = Extent | { readonly first: Pages; readonly count: Pages; readonly block: undefined };

/** Which file uses a block: the extents of all files by place. The kernel has no such index; holdersOf and fsck do. */
export class BlockUsers {
  readonly #extents = new OrderedMap<{ readonly extent: Extent; readonly file: Ext4File }>();

  add(extent: Extent, file: Ext4File): void {
    this.#extents.set(extent.block, { extent, file });
  }

  remove(extent: Extent): void {
    if (!this.#extents.delete(extent.block)) fail("an extent is known by its place");
  }

  clear(): void {
    this.#extents.clear();
  }

  /** Extents known, for the recount. */
  get size(): number {
    return this.#extents.size;
  }

  /** The file that shows this block to readers; a donor, which has no name, is nobody. */
  holderOf(block: BlockNumber): Holder | undefined {
    const found = this.#extents.atOrBefore(block);
    if (!found || block >= endOf(found.extent) || !found.file.linked) return undefined;
    return { owner: found.file.owner, index: found.extent.first + (block - found.extent.block) };
  }
}

/**
 * The extent tree of one file.
 *
 * Invariant: extents do not overlap, none is longer than its kind may be, and every change reaches BlockUsers too.
 */
export class ExtentMap implements Iterable<Extent> {
  readonly #extents = new OrderedMap<Extent>();
  readonly #file: Ext4File;
  readonly #users: BlockUsers;
  #blocks: Pages = 0;
  /** Counts every change, so that a copy can be told from a stale one. */
  changes = 0;

  constructor(file: Ext4File, users: BlockUsers) {
    this.#file = file;
    this.#users = users;
  }

  /** Allocated blocks. */
  get blocks(): Pages {
    return this.#blocks;
  }

  /** Extents in the tree; `physicalRuns` is what filefrag counts. */
  get length(): number {
    return this.#extents.size;
  }

  [Symbol.iterator](): Iterator<Extent> {
    return this.#extents.valuesFrom(0);
  }

  at(fileBlock: Pages): Extent | undefined {
    const extent = this.#extents.atOrBefore(fileBlock);
    return extent && fileBlock < extent.first + extent.count ? extent : undefined;
  }

  /** The block behind the last extent before `fileBlock`, where its neighbours would like to lie. */
  goalFor(fileBlock: Pages): BlockNumber | undefined {
    const before = this.#extents.atOrBefore(fileBlock);
    return before && endOf(before);
  }

  /** Everything in [first, first + count), ascending, holes included. */
  pieces(first: Pages, count: Pages): readonly Piece[] {
    const pieces: Piece[] = [];
    const end = first + count;
    let at = first;
    for (const extent of this.#extents.valuesFrom(this.at(first)?.first ?? first)) {
      if (extent.first >= end) break;
      if (extent.first > at) pieces.push({ first: at, count: extent.first - at, block: undefined });
      const piece = cut(extent, Math.max(first, extent.first), Math.min(end, extent.first + extent.count));
      pieces.push(piece);
      at = piece.first + piece.count;
    }
    if (at < end) pieces.push({ first: at, count: end - at, block: undefined });
    return pieces;
  }

  /** Fills a hole (ext4_ext_insert_extent): joins neighbours of the same kind, splits what is too long. */
  insert(extent: Extent): void {
    const before = this.at(extent.first - 1);
    const after = this.at(extent.first + extent.count);
    let whole = extent;
    if (before && continues(before, extent)) whole = { ...before, count: before.count + extent.count };
    if (after && continues(extent, after)) whole = { ...whole, count: whole.count + after.count };
    if (before && whole.first < extent.first) this.#drop(before);
    if (after && whole.count > after.first - whole.first) this.#drop(after);
    const longest = whole.written ? WRITTEN_MAX : UNWRITTEN_MAX;
    for (let at = whole.first; at < whole.first + whole.count; at += longest) {
      this.#put(cut(whole, at, Math.min(at + longest, whole.first + whole.count)));
    }
  }

  /** Makes [first, first + count) a hole and returns what lay there. */
  remove(first: Pages, count: Pages): readonly Extent[] {
    const end = first + count;
    const removed: Extent[] = [];
    for (const piece of this.pieces(first, count)) {
      if (piece.block === undefined) continue;
      const extent = this.at(piece.first) ?? fail("a piece is part of an extent");
      this.#drop(extent);
      if (extent.first < first) this.#put(cut(extent, extent.first, first));
      if (extent.first + extent.count > end) this.#put(cut(extent, end, extent.first + extent.count));
      removed.push(piece);
    }
    return removed;
  }

  /** The blocks have contents now (ext4_convert_unwritten_extents). False if they had before. */
  markWritten(first: Pages, count: Pages): boolean {
    // An overwrite changes nothing; it is by far the usual case, so it should cost one look-up.
    const extent = this.at(first);
    if (extent?.written && first + count <= extent.first + extent.count) return false;
    for (const extent of this.remove(first, count)) this.insert({ ...extent, written: true });
    return true;
  }

  /** A page shares its page of the device with somebody from now on. Nothing happens to a hole. */
  straddle(fileBlock: Pages): void {
    for (const extent of this.remove(fileBlock, 1)) this.insert({ ...extent, straddles: true });
  }

  /** Other extents in place of all these; `BlockUsers` has forgotten the old ones. */
  reset(extents: readonly Extent[]): void {
    this.#extents.clear();
    this.#blocks = 0;
    for (const extent of extents) this.#put(extent);
  }

  /** Extents joined where file and device both continue, whatever their kind. */
  physicalRuns(): readonly FileRun[] {
    return joined(this);
  }

  /** The same of the pages that are pages of the device too. */
  alignedRuns(): readonly FileRun[] {
    return joined([...this].filter(({ straddles }) => !straddles));
  }

  #put(extent: Extent): void {
    this.changes++;
    this.#extents.set(extent.first, extent);
    this.#users.add(extent, this.#file);
    this.#blocks += extent.count;
  }

  #drop(extent: Extent): void {
    this.changes++;
    this.#extents.delete(extent.first);
    this.#users.remove(extent);
    this.#blocks -= extent.count;
  }
}

function joined(extents: Iterable<Extent>): readonly FileRun[] {
  const runs: FileRun[] = [];
  for (const { first, count, block } of extents) {
    const last = runs.at(-1);
    if (last && adjoins(last, { first, block }))
      runs[runs.length - 1] = { ...last, count: last.count + count };
    else runs.push({ first, count, block });
  }
  return runs;
}

function adjoins(extent: FileRun, next: Pick<FileRun, "first" | "block">): boolean {
  return extent.first + extent.count === next.first && endOf(extent) === next.block;
}

function continues(extent: Extent, next: Extent): boolean {
  return adjoins(extent, next) && extent.written === next.written && extent.straddles === next.straddles;
}

/** The part of an extent that covers file blocks [from, to). */
function cut(extent: Extent, from: Pages, to: Pages): Extent {
  return { ...extent, first: from, count: to - from, block: extent.block + (from - extent.first) };
}
