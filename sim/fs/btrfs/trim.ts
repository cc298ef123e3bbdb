import { Bio, type BlockDevice } from "../../block/index.ts";
import { type Actor, type BlockNumber, bytesOf, MIB, type Pages } from "../../engine/index.ts";
import type { OperationResult } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";

/** btrfs_trim_fs: discards the free space of all block groups, then the unallocated space of the devices. */
export function* trim(info: FsInfo): Actor<OperationResult> {
  let trimmed: Pages = 0;
  for (const device of info.volumes.devices) {
    if (!device.model.supportsDiscard) {
      return { errno: "EOPNOTSUPP", achieved: `${device.name} does not support discard`, skipped: [] };
    }
  }
  for (const group of info.volumes.groups()) trimmed += yield* trimGroup(group);
  for (const device of info.volumes.devices) {
    for (const run of info.volumes.unallocatedRuns(device)) {
      yield* discard(device, run.block, run.count);
      trimmed += run.count;
    }
  }
  return { errno: undefined, achieved: `trimmed ${Math.round(bytesOf(trimmed) / MIB)} MiB`, skipped: [] };
}

/** btrfs_trim_block_group. Others allocate meanwhile, so the next free run is looked up after each discard. */
function* trimGroup(group: BlockGroup): Actor<Pages> {
  let trimmed: Pages = 0;
  for (let from = group.start; ; ) {
    const run = group.free.runsFrom(from).next().value;
    if (!run) return trimmed;
    // The range is taken while the device works on it, so that nobody is given blocks that are about to vanish.
    group.free.take(run.block, run.count);
    group.reserved += run.count;
    for (const { device, block } of group.placesOf(run.block)) yield* discard(device, block, run.count);
    group.reserved -= run.count;
    group.free.give(run.block, run.count);
    if (group.isQuiet) group.drained.wakeAll();
    trimmed += run.count;
    from = run.block + run.count;
  }
}

function* discard(device: BlockDevice, block: BlockNumber, count: Pages): Actor {
  yield* device.submitAndWait(new Bio("discard", block, count), "blkdev_issue_discard");
}
