import { Bio, type BlockDevice } from "../../block/index.ts";
import { type Actor, type BlockNumber, bytesOf, MIB, type Pages } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed } from "./operation-result.ts";

/** btrfs_trim_fs: discards the free space of all block groups, then the unallocated space of the devices. */
export function* trim(info: FsInfo): Actor<OperationResult> {
  let trimmed: Pages = 0;
  for (const { device } of info.volumes.writable) {
    if (!device.model.supportsDiscard) return failed("EOPNOTSUPP", `${device.name} does not support discard`);
  }
  for (const group of info.volumes.groups()) trimmed += yield* trimGroup(info, group);
  for (const device of info.volumes.writable) {
    for (const run of device.holes()) {
      // Only what is still unallocated: others make chunks meanwhile.
      const free = device.free.runAt(run.block);
      if (!free || free.block + free.count < run.block + run.count) continue;
      device.free.take(run.block, run.count);
      yield* discard(device.device, run.block, run.count);
      device.free.give(run.block, run.count);
      trimmed += run.count;
    }
  }
  return done(`trimmed ${Math.round(bytesOf(trimmed) / MIB)} MiB`);
}

/** btrfs_trim_block_group. Others allocate meanwhile, so the next free run is looked up after each discard. */
export function* trimGroup(info: FsInfo, group: BlockGroup): Actor<Pages> {
  let trimmed: Pages = 0;
  for (let from = group.start; !group.removed; ) {
    const run = group.free.runsFrom(from).next().value;
    if (!run) return trimmed;
    // The range is taken while the device works on it, so that nobody is given blocks that are about to vanish.
    group.free.take(run.block, run.count);
    group.reserved += run.count;
    for (const piece of info.volumes.piecesOf(group, run.block, run.count)) {
      for (const { device, block } of piece.places) yield* discard(device, block, piece.count);
    }
    group.reserved -= run.count;
    group.free.give(run.block, run.count);
    if (group.isQuiet) group.drained.wakeAll();
    trimmed += run.count;
    from = run.block + run.count;
  }
  return trimmed;
}

function* discard(device: BlockDevice, block: BlockNumber, count: Pages): Actor {
  yield* device.submitAndWait(new Bio("discard", block, count), "blkdev_issue_discard");
}
