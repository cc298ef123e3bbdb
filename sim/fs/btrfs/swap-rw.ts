import { Bio, type BlockContent, payloadOf } from "../../block/index.ts";
import type { Actor, BlockNumber, Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { SwapRequest } from "../filesystem.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import { checksumHolds, preferredMirror, readElsewhere, UNWRITTEN } from "./file-read.ts";
import { writeLocked } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { swapWriteRefusal } from "./swap-write.ts";

/**
 * What swap_rw on btrfs would be: direct I/O of several pages under one hold of the extent lock, with the rules of today
 * (in place without a reservation where nothing is shared). Mainline has it for NFS and CIFS only.
 */
export function* swapRw(
  info: FsInfo,
  inode: Inode,
  { first, pages, contents }: SwapRequest,
): Actor<Errno | readonly BlockContent[]> {
  yield* info.context.processors.run("btrfs_direct_IO", info.costs.btrfsDirectIo);
  const end = first + pages;
  if (!inode.lock.tryLock(first, end)) yield* inode.lock.lock("lock_extent_direct (swap_rw)", first, end);
  let result: Errno | readonly BlockContent[] = "ENOENT";
  if (!inode.evicted) {
    result = contents
      ? ((yield* writeBatch(info, inode, first, contents)) ?? contents)
      : yield* readRange(info, inode, first, pages);
  }
  inode.lock.unlock(first, end);
  return result;
}

function* writeBatch(
  info: FsInfo,
  inode: Inode,
  first: Pages,
  contents: readonly BlockContent[],
): Actor<Errno | undefined> {
  const asked = swapWriteRefusal(info, inode);
  const batch = { first, count: contents.length, payload: payloadOf(contents) };
  return (asked && (yield* asked)) ?? (yield* writeLocked(info, inode, batch, { direct: true }));
}

/** A piece of a read: blocks that lie together on one device. */
interface Piece {
  readonly item: FileExtent;
  /** First block, counted from the start of the request. */
  readonly at: Pages;
  readonly logical: BlockNumber;
  readonly bio: Bio;
}

/** All pieces are under way at once. Compressed data would need the page cache (-ENOTBLK), which swap has not. */
function* readRange(
  info: FsInfo,
  inode: Inode,
  first: Pages,
  pages: Pages,
): Actor<Errno | readonly BlockContent[]> {
  if (inode.itemsIn(first, first + pages).some(({ extent }) => extent.compressed)) return "EIO";
  const found = new Array<BlockContent>(pages).fill(UNWRITTEN);
  for (const piece of submitReads(info, inode, first, pages)) {
    const { bio, item, at, logical } = piece;
    if (!bio.done) yield bio.wait(info.context.engine, "wait for a swap_rw read");
    for (let offset = 0; offset < bio.count; offset++) {
      const content =
        bio.status === "ok" ? bio.contentAt(offset) : yield* readElsewhere(info, logical + offset);
      if (!content || !checksumHolds(item.extent, logical + offset, content)) return "EIO";
      found[at + offset] = content;
    }
  }
  return found;
}

function submitReads(info: FsInfo, inode: Inode, first: Pages, pages: Pages): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const item of inode.itemsIn(first, first + pages)) {
    if (item.prealloc) continue;
    const end = Math.min(first + pages, item.end);
    for (let block = Math.max(first, item.fileBlock); block < end; ) {
      const logical = logicalOf(item, block);
      const group = info.volumes.groupAt(logical);
      const place = group.place(logical, preferredMirror(info, group));
      const bio = Bio.read(place.block, group.contiguous(logical, end - block));
      place.device.submit(bio);
      pieces.push({ item, at: block - first, logical, bio });
      block += bio.count;
    }
  }
  return pieces;
}
