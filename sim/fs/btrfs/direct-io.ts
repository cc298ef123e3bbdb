import { Bio, type BlockContent } from "../../block/index.ts";
import type { Actor, Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { DeviceBlock } from "../file-handle.ts";
import { logicalOf } from "./file-extent.ts";
import { checksumHolds, liveMirror, preferredMirror, readElsewhere, UNWRITTEN } from "./file-read.ts";
import { writeLocked } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { swapWriteRefusal } from "./swap-write.ts";

/**
 * btrfs_direct_IO with one kernel page, with all later fixes: the mapping is resolved under the extent lock, a write in
 * place reserves no space, and it counts as an in-place writer until it has ended. An aborted transaction refuses every
 * write, since none can be joined.
 */
export function* directWrite(
  info: FsInfo,
  inode: Inode,
  block: Pages,
  content: BlockContent,
): Actor<Errno | undefined> {
  const computing = info.context.processors.begin("btrfs_direct_IO", info.costs.btrfsDirectIo);
  if (computing) yield* computing;
  if (info.aborted) return "EROFS";
  if (!inode.lock.tryLock(block, block + 1)) {
    yield* inode.lock.lock("lock_extent_direct (write)", block, block + 1);
  }
  const asked = swapWriteRefusal(info, inode);
  const errno =
    (asked && (yield* asked)) ??
    (inode.evicted
      ? "ENOENT"
      : yield* writeLocked(info, inode, { first: block, count: 1, run: content }, { direct: true }));
  inode.lock.unlock(block, block + 1);
  return errno;
}

/** What a file block holds, read with the mapping of this moment. A preallocated block reads as zeroes without I/O. */
export function* directRead(
  info: FsInfo,
  inode: Inode,
  block: Pages,
): Actor<Errno | { readonly content: BlockContent; readonly place: DeviceBlock | undefined }> {
  const computing = info.context.processors.begin("btrfs_direct_IO", info.costs.btrfsDirectIo);
  if (computing) yield* computing;
  if (!inode.lock.tryLock(block, block + 1)) {
    yield* inode.lock.lock("lock_extent_direct (read)", block, block + 1);
  }
  const item = inode.itemAt(block);
  if (!item || item.prealloc) {
    inode.lock.unlock(block, block + 1);
    return { content: UNWRITTEN, place: undefined };
  }
  // Compressed data would need the page cache (-ENOTBLK), which swap has not.
  if (item.extent.compressed) {
    inode.lock.unlock(block, block + 1);
    return "EIO";
  }
  const logical = logicalOf(item, block);
  const group = info.volumes.groupAt(logical);
  const place = group.place(logical, liveMirror(group, logical, preferredMirror(info, group)));
  const bio = Bio.read(place.block);
  place.device.submit(bio);
  if (!bio.done) yield bio.wait(info.context.engine, "dio_await_completion");
  // A device that failed has a copy elsewhere, if the profile keeps one.
  const content = bio.status === "ok" ? bio.contentAt(0) : yield* readElsewhere(info, logical);
  inode.lock.unlock(block, block + 1);
  return content && checksumHolds(item.extent, logical, content) ? { content, place } : "EIO";
}
