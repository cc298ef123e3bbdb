import { type Actor, NeverEnds, type Pages } from "../../../engine/index.ts";
import type { FsInfo } from "../fs-info.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/** lock_extent_direct, 3.18: the extent lock of one block, once no ordered extent is there any more. */
export function* lockExtentDirect(info: FsInfo, file: SwapFile2014, block: Pages, label: string): Actor {
  const { lock } = file.inode;
  // __set_extent_bit has a BUG_ON where others return ENOMEM (L11).
  if (!(yield* info.series.allocate("extent state"))) yield* bug(info);
  for (;;) {
    yield* lock.lock(label, block, block + 1);
    const ordered = file.ordered.get(block);
    if (!ordered) return;
    lock.unlock(block, block + 1);
    yield* ordered.wait("btrfs_start_ordered_extent");
  }
}

function* bug({ context }: FsInfo): Actor<never> {
  context.log("kernel BUG at fs/btrfs/extent_io.c: __set_extent_bit without memory");
  return yield* new NeverEnds("a kernel BUG: the task is gone and keeps its locks").wait("__set_extent_bit");
}
