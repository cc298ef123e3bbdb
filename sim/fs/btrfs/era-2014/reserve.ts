import type { Actor, Bytes } from "../../../engine/index.ts";
import type { Errno } from "../../errno.ts";
import { INSERT_BYTES } from "../block-rsv.ts";
import type { FsInfo } from "../fs-info.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/** One insertion for the extent and one for the update of the inode (btrfs_delalloc_reserve_metadata, 3.18). */
const METADATA_BYTES = 2 * INSERT_BYTES;

/**
 * btrfs_delalloc_reserve_space of 3.18 for one page: data and metadata, before anybody asks whether the page will be
 * written in place; the bytes of metadata, for the release. So a swap-out can fail for lack of space that it does not need.
 */
export function* reserveForPage(info: FsInfo, file: SwapFile2014): Actor<Errno | Bytes> {
  if (!(yield* hasDataSpace(info))) return "ENOSPC";
  // An aborted filesystem starts no transaction, and the reservation of a block does not need one (L5).
  if (info.aborted) return 0;
  yield* file.delallocMutex.lock("btrfs_delalloc_reserve_metadata");
  const errno = yield* info.metadata.reserve(METADATA_BYTES);
  file.delallocMutex.unlock();
  return errno ?? METADATA_BYTES;
}

/** btrfs_check_data_free_space: a new chunk, then a commit that frees pinned space, then ENOSPC. */
function* hasDataSpace(info: FsInfo): Actor<boolean> {
  const { allocator, transactions } = info;
  if (allocator.freeBlocks("data") > 0) return true;
  if (info.aborted) return false;
  if (allocator.allocateChunk("data")) return true;
  if (transactions.pinnedBlocks === 0) return false;
  yield* transactions.commit();
  info.series.journal.committed(info);
  return allocator.freeBlocks("data") > 0;
}
