import type { Actor, Pages } from "../../engine/index.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import type { Ext4File } from "./file.ts";
import type { Volume } from "./volume.ts";

/**
 * iomap_swapfile_activate (ext4 since 4.18): syncs the file, then walks all of it. Written and unwritten extents are
 * taken alike, a hole anywhere is refused, neighbours on the device are joined. Blocks are as large as pages, so
 * nothing is lost to rounding. Other reasons to refuse (inline, shared, on another device) cannot arise here.
 */
export function* swapActivate(volume: Volume, file: Ext4File, pages: Pages): Actor<SwapActivation> {
  yield* volume.journal.commit();
  yield* file.lock.lockExclusive("swapon: inode lock");
  const activation = activateLocked(volume, file, pages);
  file.lock.unlockExclusive();
  return activation;
}

function activateLocked(volume: Volume, file: Ext4File, pages: Pages): SwapActivation {
  if (!file.linked) return { errno: "ENOENT", message: `swapon: ${file.path} was deleted` };
  if (file.isActiveSwap) return { errno: "EBUSY", message: `swapon: ${file.path} is active already` };
  if (file.extents.blocks < file.size) {
    return { errno: "EINVAL", message: `swapon: file ${file.path} has unallocated extents` };
  }
  const extents: SwapExtent[] = [];
  for (const { first, count, block } of file.extents.physicalRuns()) {
    if (first >= pages) break;
    extents.push({ slot: first, count: Math.min(count, pages - first), device: volume.device, block });
  }
  if (extents.length === 0) {
    return { errno: "EINVAL", message: "swapon: Cannot find a single usable page in file." };
  }
  file.isActiveSwap = true;
  return { errno: undefined, extents };
}
