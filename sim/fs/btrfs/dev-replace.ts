import { Bio, type BlockDevice } from "../../block/index.ts";
import { type Actor, type BlockNumber, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { type BlockGroup, STRIPE_BLOCKS } from "./block-group.ts";
import { BtrfsDevice, type DevExtent } from "./device.ts";
import { tellRefused } from "./devices.ts";
import type { FsInfo } from "./fs-info.ts";
import { holdersOfExtent } from "./holders.ts";
import { BIO_BLOCKS } from "./map-bio.ts";
import { done, failed, refusalOf } from "./operation-result.ts";

/**
 * btrfs_dev_replace_by_ioctl: every dev extent is copied to the same place of the new device while writes go to both;
 * then the new device takes over the devid. A missing source is rebuilt from the other copies.
 */
export function* replaceDevice(
  info: FsInfo,
  source: BtrfsDevice,
  device: BlockDevice,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_dev_replace_by_ioctl", info);
  const name = `/dev/${source.device.name}`;
  const refused = yield* refusalOf(info, "device replace", {
    operation,
    more: { swapDevice: source.swapFiles > 0, device: `${name} (devid ${source.id})` },
  });
  if (refused) {
    tellRefused(info, source, operation, refused);
    return refused;
  }
  if (info.volumes.deviceOf(device)) return failed("EEXIST", `${device.name} belongs to the filesystem`);
  if (device.size < source.size) return failed("EINVAL", `${device.name} is smaller than ${name}`);
  if (!info.exclusive.start("device replace")) return failed("EINPROGRESS");
  const target = new BtrfsDevice(source.id, device);
  target.size = source.size;
  target.diskSize = source.diskSize;
  info.context.log(
    `BTRFS info: dev_replace from ${name} (devid ${source.id}) to /dev/${device.name} started`,
  );
  info.volumes.replacing = { source, target };
  yield* info.transactions.commit();
  const errno = yield* copyExtents(info, source, target);
  if (errno === undefined) finish(info, source, target, operation);
  info.volumes.replacing = undefined;
  yield* info.transactions.commit();
  info.exclusive.end();
  if (errno !== undefined) return failed(errno);
  info.context.log(
    `BTRFS info: dev_replace from ${name} (devid ${source.id}) to /dev/${device.name} finished`,
  );
  return done(`/dev/${device.name} is devid ${source.id}`);
}

/** Chunks that appear meanwhile are written to both devices from the start; those that were there are copied. */
function* copyExtents(info: FsInfo, source: BtrfsDevice, target: BtrfsDevice): Actor<Errno | undefined> {
  for (const extent of [...source.extents.valuesFrom(0)]) {
    const { group } = extent;
    if (group.removed) continue;
    if (info.context.engine.exploring) yield step(`btrfs_inc_block_group_ro (${group.type})`, group);
    const holds = info.fixes.replaceReadOnlyWindow || group.type !== "data";
    // An active swap file that slipped in keeps the group from being copied (skip_unfreeze).
    if (holds && !group.markReadOnly()) continue;
    while (!group.isQuiet) yield group.drained.wait("scrub_pause (replace)");
    // Nodes that were placed here before are written by the commit that placed them (scrub and commit take turns).
    if (group.type !== "data") yield* info.transactions.waitForCommit();
    const errno = yield* copyExtent(info, extent, target);
    if (holds) group.unmarkReadOnly();
    if (errno !== undefined) return errno;
  }
  return undefined;
}

function* copyExtent(
  info: FsInfo,
  { stripe, group }: DevExtent,
  target: BtrfsDevice,
): Actor<Errno | undefined> {
  for (let offset: Pages = 0; offset < group.stripeLength; ) {
    const count = Math.min(BIO_BLOCKS, group.stripeLength - offset);
    const logical = group.logicalAt(stripe, offset);
    if (logical === undefined) {
      offset += STRIPE_BLOCKS;
      continue;
    }
    const length = group.contiguous(logical, count);
    if (info.extents.anyIn(logical, length)) {
      const bio = yield* readForCopy({ stripe, group }, logical, length);
      if (!bio) return "EIO";
      // What was read may be written by others meanwhile, on both devices.
      if (info.context.engine.exploring) yield step(`scrub_wr_submit (${group.type})`, group);
      const write = bio.payload
        ? Bio.writePayload(stripe.physical + offset, bio.payload)
        : Bio.writeRun(stripe.physical + offset, length, bio.contentAt(0));
      if ((yield* target.device.submitAndWait(write, "scrub_write_page_to_dev_replace")) !== "ok")
        return "EIO";
    }
    offset += length;
  }
  return undefined;
}

/** The source's own copy, or any other if the source is missing or fails. */
function* readForCopy({ stripe, group }: DevExtent, logical: number, count: Pages): Actor<Bio | undefined> {
  const { copies } = group.profile;
  const own = Array.from({ length: copies }, (_, mirror) => mirror).find(
    (mirror) => group.place(logical, mirror).stripe === stripe,
  );
  for (let attempt = 0; attempt < copies; attempt++) {
    const place = group.place(logical, ((own ?? 0) + attempt) % copies);
    if (place.stripe.device.missing) continue;
    const bio = Bio.read(place.block, count);
    if ((yield* place.device.submitAndWait(bio, "scrub_recheck_block")) === "ok") return bio;
  }
  return undefined;
}

/** btrfs_dev_replace_finishing: the chunks lie on the new device from now on. */
function finish(info: FsInfo, source: BtrfsDevice, target: BtrfsDevice, operation: string): void {
  for (const extent of [...source.extents.valuesFrom(0)]) {
    const stripe = { device: target, physical: extent.stripe.physical };
    info.volumes.moveExtent(extent, { stripe, group: extent.group });
    tellMoved(info, extent.group, target, operation);
  }
  info.volumes.exchangeDevice(source, target);
  info.trees.touchChunk(0);
}

/** The files that have a copy of something in a group on the new device. */
function tellMoved(info: FsInfo, group: BlockGroup, target: BtrfsDevice, operation: string): void {
  const isOnTarget = (start: BlockNumber, count: Pages): boolean =>
    [...info.volumes.piecesOf(group, start, count)].some(({ places }) =>
      places.some(({ device }) => device === target.device),
    );
  for (const extent of info.extents.inGroup(group)) {
    if (extent.node || !isOnTarget(extent.start, extent.count)) continue;
    for (const { inode, item } of holdersOfExtent(info, extent)) {
      const { observer } = info.context;
      observer.relocated(inode.owner, item.fileBlock, item.count, "moved", operation, "device replaced");
    }
  }
}
