import type { Actor, Pages } from "../../engine/index.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import type { Ext4File } from "./file.ts";
import type { Volume } from "./volume.ts";

/**
 * iomap_swapfile_activate (ext4 since 4.18): syncs the file, then walks all of it. Written and unwritten extents are
 * taken alike, a hole anywhere is refused, neighbours on the device are joined. A page that lies across a border of pages
 * of the device is passed over (iomap_swapfile_add_extent rounds the start up and the end down). Other reasons to refuse (inline, shared, on another device) cannot arise here.
 */
export function* swapActivate(volume: Volume, file: Ext4File, pages: Pages): Actor<SwapActivation> {
  yield* volume.journal.commit();
  if (file.isActiveSwap) return { errno: "EBUSY", message: `swapon: ${file.path} is active already` };
  if (file.extents.blocks < file.size) {
    return { errno: "EINVAL", message: `swapon: file ${file.path} has unallocated extents` };
  }
  const extents: SwapExtent[] = [];
  let slot = 0;
  for (const run of file.extents.alignedRuns()) {
    if (slot >= pages) break;
    const count = Math.min(run.count, pages - slot);
    const moved = run.first === slot ? {} : { fileBlock: run.first };
    extents.push({ slot, ...moved, count, device: volume.device, block: run.block });
    slot += count;
  }
  if (slot === 0 && !volume.context.faults?.has("noZeroPagesTest")) {
    return { errno: "EINVAL", message: "swapon: Cannot find a single usable page in file." };
  }
  file.isActiveSwap = true;
  return { errno: undefined, extents };
}
