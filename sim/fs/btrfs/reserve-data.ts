import type { Actor } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";

/** btrfs_check_data_free_space: is there room for a block? A new chunk, then a commit that frees pinned space. */
export function* hasDataSpace(info: FsInfo): Actor<boolean> {
  const { allocator, transactions } = info;
  if (allocator.freeBlocks("data") > 0) return true;
  if (info.aborted) return false;
  if (allocator.allocateChunk("data")) return true;
  if (transactions.pinnedBlocks === 0) return false;
  yield* transactions.commit();
  info.series.journal.committed(info);
  return allocator.freeBlocks("data") > 0;
}
