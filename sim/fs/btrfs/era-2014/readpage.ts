import { Bio } from "../../../block/index.ts";
import type { Actor, Pages } from "../../../engine/index.ts";
import type { Errno } from "../../errno.ts";
import type { SeriesRead } from "../../series-2014.ts";
import { logicalOf } from "../file-extent.ts";
import { preferredMirror, UNWRITTEN } from "../file-read.ts";
import type { FsInfo } from "../fs-info.ts";
import { lockExtentDirect } from "./extent-lock.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/**
 * btrfs_readpage as v1 of the series had it: maps one page under the extent lock and submits; the end of the bio
 * unlocks. Several pages of a readahead window are under way at once, and compressed extents can be read.
 */
export function* readpage2014(
  info: FsInfo,
  file: SwapFile2014,
  block: Pages,
  end: (found: Errno | SeriesRead) => void,
): Actor {
  const { inode } = file;
  yield* info.context.processors.run("btrfs_readpage", info.costs.btrfsDirectIo);
  yield* lockExtentDirect(info, file, block, "lock_extent (readpage)");
  const unlockAndEnd = (found: Errno | SeriesRead): void => {
    inode.lock.unlock(block, block + 1);
    end(found);
  };
  const item = inode.itemAt(block);
  if (block >= inode.size || inode.evicted || !item || item.prealloc) {
    unlockAndEnd({ content: UNWRITTEN, place: undefined });
    return;
  }
  const logical = logicalOf(item, block);
  const group = info.volumes.groupAt(logical);
  const place = group.place(logical, preferredMirror(info, group));
  const bio = Bio.read(place.block);
  bio.end = (ended) => unlockAndEnd(ended.status === "ok" ? { content: ended.contentAt(0), place } : "EIO");
  place.device.submit(bio);
}
