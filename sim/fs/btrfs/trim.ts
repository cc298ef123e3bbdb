import { Bio, type BlockDevice } from "../../block/index.ts";
import { type Actor, type BlockNumber, bytesOf, MIB, type Pages } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed } from "./operation-result.ts";
import type { MappedPiece } from "./volumes.ts";

/**
 * btrfs_trim_fs: discards the free space of all block groups, then the unallocated space of the devices. What lies on a
 * device that cannot discard is passed over; if none can, btrfs_ioctl_fitrim refuses.
 */
export function* trim(info: FsInfo): Actor<OperationResult> {
  const able = info.volumes.writable.filter(({ device }) => canDiscard(device));
  if (able.length === 0) return failed("EOPNOTSUPP", "no device supports discard");
  let trimmed: Pages = 0;
  for (const group of info.volumes.groups()) trimmed += yield* trimGroup(info, group);
  for (const device of able) {
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
      if (yield* discardPiece(piece)) trimmed += piece.count;
    }
    group.reserved -= run.count;
    group.free.give(run.block, run.count);
    if (group.isQuiet) group.drained.wakeAll();
    from = run.block + run.count;
  }
  return trimmed;
}

/** btrfs_discard_extent: on every device that can; true if there was one. */
function* discardPiece({ places, count }: MappedPiece): Actor<boolean> {
  let discarded = false;
  for (const { device, block } of places) {
    if (!canDiscard(device)) continue;
    yield* discard(device, block, count);
    discarded = true;
  }
  return discarded;
}

/** bdev_max_discard_sectors; a device that is gone has no bdev. */
function canDiscard({ model, failed: gone }: BlockDevice): boolean {
  return model.supportsDiscard && !gone;
}

function* discard(device: BlockDevice, block: BlockNumber, count: Pages): Actor {
  yield* device.submitAndWait(new Bio("discard", block, count), "blkdev_issue_discard");
}
