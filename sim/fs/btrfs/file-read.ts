import { Bio, type BlockContent, createPayload, type Payload, ZEROES } from "../../block/index.ts";
import { type Actor, type BlockNumber, type Pages, probe } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { DeviceBlock } from "../filesystem.ts";
import type { Extent } from "./extent-tree.ts";
import type { FsInfo } from "./fs-info.ts";
import { type FileExtent, type Inode, logicalOf } from "./inode.ts";

/** Blocks of one read bio. An estimate: 1 MiB. */
const BIO_BLOCKS: Pages = 256;

const hitBadChecksum = probe("a read of checksummed data finds other bytes");

/** Reads blocks of a file through the page cache's path: the observer sees each block, checksums are verified. */
export function* readFile(info: FsInfo, inode: Inode, first: Pages, count: Pages): Actor<Errno | undefined> {
  yield* inode.lock.lock("lock_extent (read)", first, first + count);
  let errno: Errno | undefined;
  for (const item of inode.itemsIn(first, first + count)) {
    if (item.prealloc) continue;
    const from = Math.max(first, item.fileBlock);
    const to = Math.min(first + count, item.fileBlock + item.count);
    errno = (yield* readPiece(info, item, from, to - from)) ?? errno;
  }
  inode.lock.unlock(first, first + count);
  return errno;
}

function* readPiece(info: FsInfo, item: FileExtent, first: Pages, count: Pages): Actor<Errno | undefined> {
  const logical = logicalOf(item, first);
  const payload = yield* readLogical(info, logical, count);
  if (!payload) return "EIO";
  let errno: Errno | undefined;
  for (let offset = 0; offset < count; offset++) {
    const found = contentOf(payload, offset);
    const place = info.volumes.groupAt(logical).firstPlaceOf(logical + offset);
    info.context.observer.read(item.inode.owner, first + offset, found, place);
    if (!checksumHolds(item.extent, logical + offset, found)) errno = "EIO";
  }
  return errno;
}

/** What lies at a range of logical addresses, read from the first copy; undefined if the device failed. */
export function* readLogical(info: FsInfo, logical: BlockNumber, count: Pages): Actor<Payload | undefined> {
  const group = info.volumes.groupAt(logical);
  const bios: Bio[] = [];
  for (let offset = 0; offset < count; offset += BIO_BLOCKS) {
    const { device, block } = group.firstPlaceOf(logical + offset);
    const bio = Bio.read(block, Math.min(BIO_BLOCKS, count - offset));
    device.submit(bio);
    bios.push(bio);
  }
  const payload = createPayload(count);
  let at = 0;
  for (const bio of bios) {
    if (!bio.done) yield bio.wait(info.context.engine, "wait for data reads");
    if (bio.status !== "ok") return undefined;
    for (let offset = 0; offset < bio.count; offset++, at++) {
      const { generation, owner, index } = bio.contentAt(offset);
      payload.generation[at] = generation;
      payload.owner[at] = owner;
      payload.index[at] = index;
    }
  }
  return payload;
}

function contentOf(payload: Payload, offset: number): BlockContent {
  return {
    generation: payload.generation[offset]!,
    owner: payload.owner[offset]!,
    index: payload.index[offset]!,
  };
}

/** btrfs_check_data_csum. */
export function checksumHolds(extent: Extent, logical: BlockNumber, found: BlockContent): boolean {
  const { checksums, start } = extent;
  if (checksums === undefined) return true;
  const offset = logical - start;
  const expected = checksums instanceof Uint32Array ? checksums[offset] : checksums.first + offset;
  if (found.generation === expected) return true;
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
