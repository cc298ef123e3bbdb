import { Bio, type BlockContent, type Payload } from "../../block/index.ts";
import { type Actor, type BlockNumber, type Pages, probe } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import { ORDERED_CPU } from "./costs.ts";
import type { Checksums, Reservation } from "./extent-tree.ts";
import type { FsInfo } from "./fs-info.ts";
import { type Inode, logicalOf } from "./inode.ts";
import { canNocow } from "./nocow.ts";

/** Blocks of one bio. An estimate: 1 MiB, as plugs and device limits make them. */
const BIO_BLOCKS: Pages = 256;

/** What a write puts into blocks [first, first + count) of a file. */
export interface WriteContents {
  readonly first: Pages;
  readonly count: Pages;
  /** A run of consecutive generations, … */
  readonly run?: BlockContent;
  /** … or explicit contents, one entry a block. */
  readonly payload?: Payload;
}

const hitReadOnlyFallback = probe(
  "an in-place write falls back to COW because balance works on its block group",
);
const hitForcedCommit = probe("a write finds space only after a forced commit");

/**
 * Writes blocks of a file, each piece in place or copy-on-write as can_nocow_extent decides; the caller holds the
 * extent lock. Pieces that are written in place are counted, so that relocation can wait for them.
 */
export function* writeLocked(
  info: FsInfo,
  inode: Inode,
  contents: WriteContents,
  options: { forceCow?: boolean } = {},
): Actor<Errno | undefined> {
  const end = contents.first + contents.count;
  for (let block = contents.first; block < end; ) {
    const item = inode.itemAt(block);
    const pieceEnd = Math.min(end, item ? item.fileBlock + item.count : nextItemStart(inode, block, end));
    const piece = sliceOf(contents, block, pieceEnd - block);
    const inPlace = item !== undefined && options.forceCow !== true && canNocow(info, item);
    if (item && inode.nocow && info.groupOf(item.extent).readOnly) hitReadOnlyFallback();
    if (inPlace) {
      const errno = yield* runDelallocNocow(info, inode, logicalOf(item, block), piece);
      if (errno !== undefined) return errno;
      block = pieceEnd;
      continue;
    }
    // A COW write takes everything up to the next piece that stays in place in one go.
    const cowEnd = options.forceCow === true ? end : cowRunEnd(info, inode, block, end);
    const errno = yield* cowFileRange(info, inode, sliceOf(contents, block, cowEnd - block));
    if (errno !== undefined) return errno;
    block = cowEnd;
  }
  return undefined;
}

function nextItemStart(inode: Inode, block: Pages, end: Pages): Pages {
  return inode.itemsIn(block, end)[0]?.fileBlock ?? end;
}

function cowRunEnd(info: FsInfo, inode: Inode, first: Pages, end: Pages): Pages {
  for (const item of inode.itemsIn(first, end)) {
    if (item.fileBlock > first && canNocow(info, item)) return item.fileBlock;
  }
  return end;
}

/** run_delalloc_nocow: the blocks are overwritten where they are. */
export function* runDelallocNocow(
  info: FsInfo,
  inode: Inode,
  logical: BlockNumber,
  contents: WriteContents,
): Actor<Errno | undefined> {
  const group = info.volumes.groupAt(logical);
  group.nocowWriters++;
  const bios = submitWrites(info, logical, contents);
  bios[0]!.end = (bio) => {
    if (bio.status === "ok") observeWrite(info, inode, contents);
  };
  const errno = yield* waitForAll(info, bios);
  group.nocowWriters--;
  if (group.isQuiet) group.drained.wakeAll();
  if (errno === undefined) markWritten(info, inode, contents);
  return errno;
}

/** Preallocated blocks that were written are ordinary ones from now on (btrfs_mark_extent_written). */
function markWritten(info: FsInfo, inode: Inode, { first, count }: WriteContents): void {
  const around = inode.itemAt(first);
  if (around && !around.prealloc && first + count <= around.fileBlock + around.count) return;
  for (const item of inode.itemsIn(first, first + count)) {
    if (!item.prealloc) continue;
    const from = Math.max(first, item.fileBlock);
    const to = Math.min(first + count, item.fileBlock + item.count);
    const offset = item.offset + (from - item.fileBlock);
    const { extent } = item;
    inode.punch(from, to, (old) => {
      inode.insert({ fileBlock: from, count: to - from, extent, offset, prealloc: false });
      info.extents.dropRef(old.extent, old);
    });
    inode.mergeAround(from, (part) => info.extents.dropRef(part.extent, part));
    info.metadata.touchFile(inode, from, to - from);
  }
}

/** cow_file_range: new space, the data written there, then the file's items switched over in one step. */
export function* cowFileRange(info: FsInfo, inode: Inode, contents: WriteContents): Actor<Errno | undefined> {
  if (info.transactions.aborted) return "EROFS";
  const { first, count } = contents;
  const pieces = yield* reserveSpace(info, inode, first, count);
  if (!pieces) return "ENOSPC";
  const bios: Bio[] = [];
  let block = first;
  for (const { start, count: length } of pieces) {
    bios.push(...submitWrites(info, start, sliceOf(contents, block, length)));
    block += length;
  }
  const errno = yield* waitForAll(info, bios);
  if (errno !== undefined) {
    for (const piece of pieces) info.extents.unreserve(piece);
    return errno;
  }
  yield* info.context.processors.run("btrfs_finish_ordered_io", pieces.length * ORDERED_CPU);
  finishOrdered(info, inode, contents, pieces);
  return undefined;
}

/** btrfs_finish_ordered_io: one atomic step. */
function finishOrdered(
  info: FsInfo,
  inode: Inode,
  contents: WriteContents,
  pieces: readonly Reservation[],
): void {
  let block = contents.first;
  for (const piece of pieces) {
    const part = sliceOf(contents, block, piece.count);
    const checksums = inode.nocow ? undefined : checksumsOf(part);
    const extent = info.extents.insert(piece, info.transactions.generation, checksums ? { checksums } : {});
    info.replaceExtents(inode, block, extent, false);
    block += piece.count;
  }
  observeWrite(info, inode, contents);
}

/** Data space next to what is there now; a commit is forced once before giving up, because it frees pinned space. */
function* reserveSpace(
  info: FsInfo,
  inode: Inode,
  first: Pages,
  count: Pages,
): Actor<Reservation[] | undefined> {
  const hint = allocationHint(inode, first);
  const pieces = info.reserveData(count, hint);
  if (pieces) return pieces;
  if (info.transactions.pinnedBlocks === 0) return undefined;
  yield* info.transactions.commit();
  const afterCommit = info.reserveData(count, hint);
  if (afterCommit) hitForcedCommit();
  return afterCommit;
}

/** btrfs_get_extent_allocation_hint: where the block, or the file's first one, lies now. */
function allocationHint(inode: Inode, first: Pages): BlockNumber | undefined {
  for (const from of [first, 0]) {
    for (const item of inode.itemsFrom(from)) return logicalOf(item, Math.max(from, item.fileBlock));
  }
  return undefined;
}

function submitWrites(info: FsInfo, logical: BlockNumber, contents: WriteContents): Bio[] {
  const bios: Bio[] = [];
  const group = info.volumes.groupAt(logical);
  for (let offset = 0; offset < contents.count; offset += BIO_BLOCKS) {
    const part = sliceOf(contents, contents.first + offset, Math.min(BIO_BLOCKS, contents.count - offset));
    for (const { device, block } of group.placesOf(logical + offset)) {
      const bio = part.payload
        ? Bio.writePayload(block, part.payload)
        : Bio.writeRun(block, part.count, part.run!);
      device.submit(bio);
      bios.push(bio);
    }
  }
  return bios;
}

function* waitForAll(info: FsInfo, bios: readonly Bio[]): Actor<Errno | undefined> {
  let errno: Errno | undefined;
  for (const bio of bios) {
    if (!bio.done) yield bio.wait(info.context.engine, "wait for data writes");
    if (bio.status !== "ok") errno = "EIO";
  }
  return errno;
}

function observeWrite(
  { context: { observer } }: FsInfo,
  inode: Inode,
  { first, count, run, payload }: WriteContents,
): void {
  if (run) {
    observer.wrote(inode.owner, first, count, run.generation);
    return;
  }
  for (let offset = 0; offset < count; offset++) {
    observer.wrote(inode.owner, first + offset, 1, payload!.generation[offset]!);
  }
}

function checksumsOf({ run, payload }: WriteContents): Checksums {
  return run ? { first: run.generation } : payload!.generation;
}

/** The part of the contents for blocks [first, first + count). */
function sliceOf(contents: WriteContents, first: Pages, count: Pages): WriteContents {
  const from = first - contents.first;
  const { run, payload } = contents;
  if (run) {
    return { first, count, run: { ...run, generation: run.generation + from, index: run.index + from } };
  }
  return {
    first,
    count,
    payload: {
      generation: payload!.generation.slice(from, from + count),
      owner: payload!.owner.slice(from, from + count),
      index: payload!.index.slice(from, from + count),
    },
  };
}
