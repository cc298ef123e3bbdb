import { Bio, type BlockContent, contentOf, createPayload, type Payload, ZEROES } from "../../block/index.ts";
import { type Actor, type BlockNumber, bytesOf, type Pages, probe } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { DeviceBlock } from "../file-handle.ts";
import type { BlockGroup } from "./block-group.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import type { Extent } from "./extent-tree.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { BIO_BLOCKS, missingDeviceBio, slicePayload, submitWrite, waitForAll } from "./map-bio.ts";

const hitBadChecksum = probe("a read of checksummed data finds other bytes");

/** Reads blocks of a file through the page cache's path: the observer sees each block, checksums are verified. */
export function* readFile(info: FsInfo, inode: Inode, first: Pages, count: Pages): Actor<Errno | undefined> {
  if (count <= 0) return undefined;
  yield* lockExtents(info, inode, { first, end: first + count }, "lock_extent (read)");
  yield* info.series.allocate("page of the page cache");
  info.series.dropMaps(inode);
  let errno: Errno | undefined = inode.evicted ? "ENOENT" : undefined;
  for (const item of inode.evicted ? [] : inode.itemsIn(first, first + count)) {
    if (item.prealloc) continue;
    const from = Math.max(first, item.fileBlock);
    const to = Math.min(first + count, item.end);
    errno = (yield* readPiece(info, inode, item, from, to - from)) ?? errno;
  }
  inode.lock.unlock(first, first + count);
  return errno;
}

function* readPiece(
  info: FsInfo,
  inode: Inode,
  item: FileExtent,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  const mirror = preferredMirror(info, info.groupOf(item.extent));
  const read = yield* readItem(info, item, first, count, mirror);
  if (!read) return "EIO";
  for (let offset = 0; offset < count; offset++) {
    const logical = logicalOf(item, first + offset);
    const group = info.groupOf(item.extent);
    const place = group.place(logical, liveMirror(group, logical, mirror));
    info.context.observer.read(inode.owner, first + offset, contentOf(read.payload, offset), place);
  }
  return read.errno;
}

/** What a reader of file blocks gets, and EIO if a checksum did not hold and no other copy had the right bytes. */
interface ItemRead {
  readonly payload: Payload;
  readonly errno: Errno | undefined;
}

/** Blocks [first, first + count) of an item as the file has them: verified, repaired, decompressed. Undefined: EIO. */
export function* readItem(
  info: FsInfo,
  item: FileExtent,
  first: Pages,
  count: Pages,
  mirror: number = preferredMirror(info, info.groupOf(item.extent)),
): Actor<ItemRead | undefined> {
  const { extent } = item;
  const { compressed } = extent;
  // Balance may move the extent while it is read: a place within it stays the same, an address does not.
  const within = logicalOf(item, first) - extent.start;
  const blocks = compressed ? extent.count : count;
  const payload = yield* readLogical(info, extent.start + within, blocks, mirror);
  if (!payload) return undefined;
  const errno = yield* verify(info, extent, within, payload);
  if (!compressed) return { payload, errno };
  yield* info.context.processors.run("btrfs_decompress", extent.ramCount * info.costs.btrfsDecompress);
  // Bytes that do not decompress to what was written: the first wrong block stands for all of them.
  if (errno !== undefined) return { payload: repeated(payload, extent, count), errno };
  return { payload: slicePayload(compressed, item.offset + (first - item.fileBlock), count), errno };
}

/**
 * Checks what was read of an extent, from block `within` on, against the checksums; wrong blocks are read from another
 * copy if one is right.
 */
function* verify(info: FsInfo, extent: Extent, within: Pages, payload: Payload): Actor<Errno | undefined> {
  let errno: Errno | undefined;
  for (let offset = 0; offset < payload.generation.length; offset++) {
    const logical = extent.start + within + offset;
    if (checksumHolds(extent, logical, contentOf(payload, offset))) continue;
    const repaired = yield* repairBlock(info, extent, logical);
    if (!repaired) errno = "EIO";
    else {
      payload.generation[offset] = repaired.generation;
      payload.owner[offset] = repaired.owner;
      payload.index[offset] = repaired.index;
    }
  }
  return errno;
}

function repeated(payload: Payload, extent: Extent, count: Pages): Payload {
  let wrong = 0;
  while (payload.generation[wrong] === extent.checksumAt(extent.start + wrong)) wrong++;
  const { generation, owner, index } = contentOf(payload, wrong);
  const all = createPayload(count);
  all.generation.fill(generation);
  all.owner.fill(owner);
  all.index.fill(index);
  return all;
}

/**
 * What a file block holds in its first copy that is there, looked at without any time; of compressed data, a wrong block
 * if there is one.
 */
export function contentNow({ volumes }: FsInfo, item: FileExtent, block: Pages): BlockContent {
  const { extent } = item;
  const at = (logical: BlockNumber): BlockContent => {
    const group = volumes.groupAt(logical);
    const { device, block: place } = group.place(logical, liveMirror(group, logical, 0));
    return device.contents.at(place);
  };
  if (!extent.compressed) return at(logicalOf(item, block));
  for (let logical = extent.start; logical < extent.end; logical++) {
    if (at(logical).generation !== extent.checksumAt(logical)) return at(logical);
  }
  return contentOf(extent.compressed, item.offset + (block - item.fileBlock));
}

/** Readers are spread over the copies by their process id (find_live_mirror). */
export function preferredMirror({ context }: FsInfo, { profile }: BlockGroup): number {
  return profile.copies === 1 ? 0 : context.engine.current.id % profile.copies;
}

/** find_live_mirror: the wanted copy of a block, or the next one whose device is there; the wanted one if none is. */
export function liveMirror(group: BlockGroup, logical: BlockNumber, wanted: number): number {
  const { copies } = group.profile;
  if (copies === 1) return 0;
  for (let attempt = 0; attempt < copies; attempt++) {
    const mirror = (wanted + attempt) % copies;
    if (!group.place(logical, mirror).stripe.device.missing) return mirror;
  }
  return wanted % copies;
}

/**
 * What lies at a range of logical addresses. Each piece is read from one copy; if that fails, each of its blocks from
 * another one.
 */
export function* readLogical(
  info: FsInfo,
  logical: BlockNumber,
  count: Pages,
  mirror: number = preferredMirror(info, info.volumes.groupAt(logical)),
): Actor<Payload | undefined> {
  const group = info.volumes.groupAt(logical);
  const bios = submitRead(group, logical, count, mirror);
  let failed = false;
  for (const bio of bios) {
    if (!bio.done) yield bio.wait(info.context.engine, "wait for data reads");
    failed ||= bio.status !== "ok";
  }
  if (!failed) return gather(bios, count);
  return yield* readAgain(group, logical, bios, mirror);
}

/** btrfs_submit_bio for a read: bios to the wanted copy, cut where the chunk changes devices. */
function submitRead(group: BlockGroup, logical: BlockNumber, count: Pages, wanted: number): Bio[] {
  const bios: Bio[] = [];
  for (let offset = 0; offset < count; ) {
    const at = logical + offset;
    const length = Math.min(BIO_BLOCKS, group.contiguous(at, count - offset));
    const { stripe, device, block } = group.place(at, liveMirror(group, at, wanted));
    if (stripe.device.missing) bios.push(missingDeviceBio("read", block, length, offset));
    else {
      const bio = Bio.read(block, length);
      bio.piece = offset;
      device.submit(bio);
      bios.push(bio);
    }
    offset += length;
  }
  return bios;
}

/**
 * submit_read_repair: every block of a failed bio is asked of the other copies, and of the first one last, as the page
 * cache reads a page again that readahead could not get.
 */
function* readAgain(
  group: BlockGroup,
  logical: BlockNumber,
  bios: readonly Bio[],
  mirror: number,
): Actor<Payload | undefined> {
  if (group.profile.copies === 1) return undefined;
  const all: Bio[] = [];
  for (const bio of bios) {
    if (bio.status === "ok") {
      all.push(bio);
      continue;
    }
    for (let offset = 0; offset < bio.count; offset++) {
      const again = yield* readBlock(group, logical + bio.piece + offset, mirror + 1);
      if (!again) return undefined;
      all.push(again);
    }
  }
  return gather(
    all,
    bios.reduce((sum, { count }) => sum + count, 0),
  );
}

/** One block, from the first of its copies that can be read. */
function* readBlock(group: BlockGroup, logical: BlockNumber, wanted: number): Actor<Bio | undefined> {
  const { copies } = group.profile;
  for (let attempt = 0; attempt < copies; attempt++) {
    const bio = yield* readMirror(group, logical, (wanted + attempt) % copies);
    if (bio) return bio;
  }
  return undefined;
}

/** What another copy than the preferred one holds of a block; undefined if there is none that can be read. */
export function* readElsewhere(info: FsInfo, logical: BlockNumber): Actor<BlockContent | undefined> {
  const group = info.volumes.findGroup(logical);
  if (!group || group.profile.copies === 1) return undefined;
  const bio = yield* readBlock(group, logical, preferredMirror(info, group) + 1);
  return bio?.contentAt(0);
}

/** One block of one copy; undefined if it cannot be read. */
export function* readMirror(group: BlockGroup, logical: BlockNumber, mirror: number): Actor<Bio | undefined> {
  const { stripe, device, block } = group.place(logical, mirror);
  if (stripe.device.missing) return undefined;
  const bio = Bio.read(block);
  return (yield* device.submitAndWait(bio, "wait for data reads")) === "ok" ? bio : undefined;
}

function gather(bios: readonly Bio[], count: Pages): Payload {
  const [only] = bios;
  if (bios.length === 1 && only?.payload) return only.payload;
  const payload = createPayload(count);
  let at = 0;
  for (const bio of bios) {
    if (bio.payload) {
      payload.generation.set(bio.payload.generation, at);
      payload.owner.set(bio.payload.owner, at);
      payload.index.set(bio.payload.index, at);
    } else {
      payload.generation[at] = bio.generation;
      payload.owner[at] = bio.owner;
      payload.index[at] = bio.index;
    }
    at += bio.count;
  }
  return payload;
}

/**
 * A copy of a block that its checksum vouches for; undefined if there is none. It is written over the bad ones, which a
 * filesystem that is read-only keeps (clean_io_failure).
 */
export function* repairBlock(
  info: FsInfo,
  extent: Extent,
  logical: BlockNumber,
): Actor<BlockContent | undefined> {
  const content = yield* findGoodCopy(info, extent, logical);
  if (content && !info.readOnly) yield* repairIoFailure(info, logical, content);
  return content;
}

/** The contents of the first copy with the right checksum; without checksums, of the first that can be read. */
export function* findGoodCopy(
  info: FsInfo,
  extent: Extent,
  logical: BlockNumber,
): Actor<BlockContent | undefined> {
  const group = info.volumes.findGroup(logical);
  for (let mirror = 0; group && mirror < group.profile.copies; mirror++) {
    const bio = yield* readMirror(group, logical, mirror);
    if (!bio) continue;
    const expected = extent.checksumAt(logical);
    if (expected === undefined || bio.generation === expected) return bio.contentAt(0);
  }
  return undefined;
}

/** btrfs_repair_io_failure: the right contents of a block go to all of its copies. */
export function* repairIoFailure(
  info: FsInfo,
  logical: BlockNumber,
  content: BlockContent,
): Actor<Errno | undefined> {
  const bios = submitWrite(info, logical, { first: 0, count: 1, run: content });
  const errno = yield* waitForAll(info, info.volumes.groupAt(logical), bios);
  if (errno === undefined) info.context.log(`BTRFS info: read error corrected: off ${bytesOf(logical)}`);
  return errno;
}

/** btrfs_check_data_csum. */
export function checksumHolds(extent: Extent, logical: BlockNumber, found: BlockContent): boolean {
  const expected = extent.checksumAt(logical);
  if (expected === undefined || found.generation === expected) return true;
  hitBadChecksum();
  return false;
}

/** A block of a file without any time: its place and what a reader would get there. */
export function placeOfBlock(info: FsInfo, inode: Inode, block: Pages): DeviceBlock | undefined {
  const item = inode.itemAt(block);
  if (!item) return undefined;
  const logical = logicalOf(item, block);
  return info.volumes.groupAt(logical).firstPlaceOf(logical);
}

/** A hole or a block that was only preallocated. */
export const UNWRITTEN: BlockContent = ZEROES;
