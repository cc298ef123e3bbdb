import { type Actor, delay, MICROSECOND } from "../../../engine/index.ts";
import type { Errno } from "../../errno.ts";
import type { SeriesActivation, SeriesOptions } from "../../series-2014.ts";
import type { FsInfo } from "../fs-info.ts";
import type { Inode } from "../inode.ts";
import { isShared } from "../nocow.ts";
import { SwapFile2014 } from "./swap-file.ts";

/** Between enabling an area and setting S_SWAPFILE swapon prints a line and wakes pollers. An estimate. */
const ENABLE_WINDOW = 5 * MICROSECOND;

/**
 * btrfs_swap_activate of v2 in its order, under the inode's lock. Not looked at: shared extents, checksums, profiles,
 * devices, read-only block groups, running balances.
 */
export function* swapActivate2014(
  info: FsInfo,
  inode: Inode,
  options: SeriesOptions,
): Actor<SeriesActivation> {
  const { series } = info;
  if (series.files.has(inode) || inode.swapActive) return { errno: "EBUSY", message: "already a swap file" };
  const refused = yield* test(info, inode, options);
  if (refused.errno !== undefined) {
    info.context.log(refused.message);
    return refused;
  }
  // The file's lock is i_mutex from here on, which a page-out may give up by mistake. Who waits for the other follows.
  const file = new SwapFile2014(info, inode, options);
  yield* file.iMutex.lock("mutex_lock (swapon)");
  series.files.set(inode, file);
  series.activating.set(inode, file.iMutex);
  inode.rwsem.unlockExclusive();
  return refused;
}

function* test(info: FsInfo, inode: Inode, options: SeriesOptions): Actor<SeriesActivation> {
  // generic_swapfile_activate asks for a bmap that btrfs does not have, and takes its silence for a hole.
  if (!options.patches.has(5)) return refuse("swapon: swapfile has holes");
  if (inode.flags.compress) return refuse("BTRFS: swapfile is compressed");
  if (!inode.nocow) return refuse("BTRFS: swapfile is copy-on-write");
  yield* inode.lock.lock("lock_extent_bits (swapon)", 0, inode.lockEnd);
  const said = refusedExtent(info, inode, options);
  inode.lock.unlock(0, inode.lockEnd);
  return said === undefined ? { errno: undefined } : refuse(said);
}

/** Every extent up to i_size, whatever the header promises. */
function refusedExtent(info: FsInfo, inode: Inode, { version }: SeriesOptions): string | undefined {
  for (let block = 0; block < inode.size; ) {
    const item = inode.itemAt(block);
    if (!item) return `BTRFS: swapfile ${inode.inline ? "is inline" : "has holes"}`;
    if (item.extent.compressed) return "BTRFS: swapfile is compresed";
    const isOlder = item.extent.generation <= inode.subvolume.lastSnapshot;
    if (version === "v3" && (isOlder || isShared(info, inode, item))) {
      return `BTRFS: swapfile has extent requiring COW (${item.fileBlock}-${item.end - 1})`;
    }
    block = item.end;
  }
  return undefined;
}

function refuse(message: string, errno: Errno = "EINVAL"): SeriesActivation {
  return { errno, message };
}

/** The last lines of swapon: the area is in use already when the inode becomes a swap file (L12). */
export function* enableSwapFile(inode: Inode): Actor {
  yield delay("enable_swap_info", ENABLE_WINDOW);
  inode.swapActive = true;
  inode.isSwapFile = true;
}
