import { Bio } from "../../../block/index.ts";
import type { Actor, BlockNumber, Pages } from "../../../engine/index.ts";
import type { Errno } from "../../errno.ts";
import type { SeriesRead } from "../../series-2014.ts";
import { type FileExtent, logicalOf } from "../file-extent.ts";
import { preferredMirror, readElsewhere, UNWRITTEN } from "../file-read.ts";
import type { FsInfo } from "../fs-info.ts";
import { leakedBio } from "./direct-write.ts";
import { lockExtentDirect } from "./extent-lock.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/**
 * btrfs_direct_IO(READ) of one kernel page, 3.18: the extent lock of the block is kept until the bio has ended. Neither
 * the page cache nor i_mutex is looked at. "short": there is nothing that direct I/O could read.
 */
export function* directRead2014(
  info: FsInfo,
  file: SwapFile2014,
  block: Pages,
): Actor<Errno | "short" | SeriesRead> {
  const { inode } = file;
  yield* info.context.processors.run("btrfs_direct_IO", info.costs.btrfsDirectIo);
  yield* info.series.allocate("dio struct", "GFP_KERNEL");
  yield* lockExtentDirect(info, file, block, "lock_extent_direct (read)");
  const item = inode.itemAt(block);
  if (item) yield* lookUpMap(info, file, item);
  const isShort = block >= inode.size || inode.evicted || item?.extent.compressed !== undefined;
  if (isShort || !item || item.prealloc) {
    inode.lock.unlock(block, block + 1);
    return isShort ? "short" : { content: UNWRITTEN, place: undefined };
  }
  // The error branch of a read leaves the extent locked (L8 a), or waits for what was never sent (L8 b).
  for (const site of ["bio clone", "private struct"] as const) {
    if (!(yield* info.series.allocate(site))) return "ENOMEM";
  }
  for (const site of ["end-io struct", "map struct"] as const) {
    if (!(yield* info.series.allocate(site))) yield* leakedBio().wait("dio_await_completion");
  }
  const found = yield* readBlock(info, logicalOf(item, block));
  inode.lock.unlock(block, block + 1);
  return found ?? "EIO";
}

/** btrfs_get_extent: in memory, or in the tree, whose nodes are read under their locks. */
function* lookUpMap({ series }: FsInfo, { cachedMaps }: SwapFile2014, { fileBlock }: FileExtent): Actor {
  if (!cachedMaps || cachedMaps.has(fileBlock)) return;
  yield* series.nodeLocks.lockShared("btrfs_get_extent (tree read lock)");
  series.nodeLocks.unlockShared();
  cachedMaps.add(fileBlock);
}

/** One copy of a block, or another if its device fails. */
export function* readBlock(info: FsInfo, logical: BlockNumber): Actor<SeriesRead | undefined> {
  const group = info.volumes.groupAt(logical);
  const place = group.place(logical, preferredMirror(info, group));
  const bio = Bio.read(place.block);
  place.device.submit(bio);
  if (!bio.done) yield bio.wait(info.context.engine, "dio_await_completion");
  if (bio.status === "ok") return { content: bio.contentAt(0), place };
  const content = yield* readElsewhere(info, logical);
  return content && { content, place };
}
