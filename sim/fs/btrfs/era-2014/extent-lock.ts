import { type Actor, NeverEnds, type Pages } from "../../../engine/index.ts";
import type { FsInfo } from "../fs-info.ts";
import type { Inode } from "../inode.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/** lock_extent_direct, 3.18: the extent lock of one block, once no ordered extent is there any more. */
export function* lockExtentDirect(info: FsInfo, file: SwapFile2014, block: Pages, label: string): Actor {
  // __set_extent_bit has a BUG_ON where others return ENOMEM (L11).
  if (!(yield* info.series.allocate("extent state"))) yield* bug(info);
  yield* lockExtents(info, file.inode, { first: block, end: block + 1 }, label);
}

/**
 * The extent lock of blocks [first, end) of a file, once the writes of swap in it have been completed (lock_extent_range,
 * and what readpage, defragmentation and buffered writes do, 3.18).
 */
export function* lockExtents(
  { series }: FsInfo,
  inode: Inode,
  { first, end }: { readonly first: Pages; readonly end: Pages },
  label: string,
): Actor {
  for (;;) {
    yield* inode.lock.lock(label, first, end);
    const ordered = series.files.get(inode)?.orderedIn(first, end);
    if (!ordered) return;
    inode.lock.unlock(first, end);
    yield* ordered.wait("btrfs_start_ordered_extent");
  }
}

function* bug({ context }: FsInfo): Actor<never> {
  context.log("kernel BUG at fs/btrfs/extent_io.c: __set_extent_bit without memory");
  return yield* new NeverEnds("a kernel BUG: the task is gone and keeps its locks").wait("__set_extent_bit");
}
