import type { Actor } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BtrfsDevice, DevExtent } from "./device.ts";
import type { FsInfo } from "./fs-info.ts";
import { relocateBlockGroup, tellSkipped } from "./relocation.ts";
import { isPinnedBySwapFile } from "./swapfile.ts";

/**
 * btrfs_shrink_device: the size is lowered already; dev extents that reach behind it are moved, from the highest down.
 * A block group with an active swap file ends it (ETXTBSY); one without room elsewhere is tried again in a second pass.
 * It ends with a commit, also if nothing had to move.
 */
export function* shrinkDevice(
  info: FsInfo,
  device: BtrfsDevice,
  operation: string,
): Actor<Errno | undefined> {
  let failures = yield* onePass(info, device, operation);
  if (failures === "ENOSPC") failures = yield* onePass(info, device, operation);
  if (failures === undefined) yield* commitSize(info, device);
  return failures;
}

/** btrfs_update_device: the size is what a mount finds from this commit on. */
export function* commitSize(info: FsInfo, device: BtrfsDevice): Actor {
  device.diskSize = device.size;
  info.trees.touchChunk(0);
  yield* info.transactions.commit();
}

function* onePass(info: FsInfo, device: BtrfsDevice, operation: string): Actor<Errno | undefined> {
  let noSpace = false;
  let below = Number.POSITIVE_INFINITY;
  for (let extent = highest(device, below); extent; extent = highest(device, below)) {
    if (info.resizeCancelled) return "ECANCELED";
    below = extent.stripe.physical;
    const { group } = extent;
    const decision = info.rules.ask("shrink block group", {
      swapGroup: isPinnedBySwapFile(info, group),
      group: group.bytenr,
    });
    if (decision) {
      if (decision.message !== undefined) info.context.log(`BTRFS warning: ${decision.message}`);
      tellSkipped(info, group, operation);
      return decision.errno;
    }
    const errno = yield* relocateBlockGroup(info, group, operation);
    if (errno === "ENOSPC") noSpace = true;
    else if (errno !== undefined) return errno;
  }
  return noSpace ? "ENOSPC" : undefined;
}

/** The highest dev extent below a place that reaches behind the device's new end. */
function highest(device: BtrfsDevice, below: number): DevExtent | undefined {
  return device
    .extentsDescending()
    .find(
      ({ stripe, group }) => stripe.physical < below && stripe.physical + group.stripeLength > device.size,
    );
}
