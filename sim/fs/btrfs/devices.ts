import type { BlockDevice } from "../../block/index.ts";
import { type Actor, MIB, PAGE_SIZE, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { BtrfsDevice } from "./device.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import { commitSize, shrinkDevice } from "./shrink.ts";

/** Smallest device that can be added or left after a resize: 256 MiB (btrfs_ioctl_resize). */
const SMALLEST: Pages = (256 * MIB) / PAGE_SIZE;

/** btrfs_init_new_device. */
export function* addDevice(info: FsInfo, device: BlockDevice, operation: string): Actor<OperationResult> {
  yield step("btrfs_ioctl_add_dev", info);
  if (info.volumes.deviceOf(device)) return failed("EEXIST", `${device.name} belongs to the filesystem`);
  if (device.failed) return failed("EIO", `${device.name} does not answer`);
  const refused = yield* refusalOf(info, "device add", { operation });
  if (refused) return refused;
  const paused = info.exclusive.running === "balance paused";
  if (!paused && !info.exclusive.start("device add")) return failed("EINPROGRESS");
  const added = info.volumes.addDevice(device);
  yield* info.transactions.commit();
  if (!paused) info.exclusive.end();
  info.context.log(`BTRFS info: disk added /dev/${device.name}`);
  return done(`/dev/${device.name} is devid ${added.id}`);
}

/** btrfs_rm_device: everything on the device moves to the others, then it goes. */
export function* removeDevice(info: FsInfo, device: BtrfsDevice, operation: string): Actor<OperationResult> {
  yield step("btrfs_rm_device", info);
  const refused = yield* refusalOf(info, "device remove", {
    operation,
    more: {
      tooFewDevices: info.volumes.devices.length - 1 < neededDevices(info),
      swapDevice: device.swapFiles > 0,
      lastWritable: info.volumes.writable.every((other) => other === device),
      device: `${nameOf(device)} (devid ${device.id})`,
    },
  });
  if (refused) {
    tellRefused(info, device, operation, refused);
    return refused;
  }
  if (!info.exclusive.start("device remove")) return failed("EINPROGRESS");
  const { size } = device;
  setSize(info, device, 0);
  const errno = yield* shrinkDevice(info, device, operation);
  if (errno === undefined) {
    info.volumes.removeDevice(device);
    info.context.log(`BTRFS info: device deleted: ${nameOf(device)}`);
    yield* info.transactions.commit();
  } else {
    undoShrink(info, device, size);
  }
  info.exclusive.end();
  return errno === undefined ? done(`${nameOf(device)} is gone`) : failed(errno);
}

/**
 * Devices that the profiles of the chunks need at least (btrfs_check_raid_min_devices). Those that are content with one
 * have no error to answer (mindev_error): the last device is for later tests.
 */
function neededDevices({ volumes }: FsInfo): number {
  const needs = volumes.groups().map(({ profile }) => profile.devicesMin);
  return Math.max(0, ...needs.filter((devices) => devices > 1));
}

/** btrfs_ioctl_resize: growing is a number, shrinking moves what lies behind the new end. */
export function* resizeDevice(
  info: FsInfo,
  device: BtrfsDevice,
  size: Pages,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_ioctl_resize", info);
  const refused = yield* refusalOf(info, "resize", { operation });
  if (refused) return refused;
  if (size < SMALLEST) return failed("EINVAL", "a device keeps at least 256 MiB");
  if (size > device.device.size) return failed("EFBIG", `${nameOf(device)} is smaller`);
  if (!info.exclusive.start("resize")) return failed("EINPROGRESS");
  const old = device.size;
  setSize(info, device, size);
  info.resizeCancelled = false;
  const errno = size < old ? yield* shrinkDevice(info, device, operation) : undefined;
  if (size > old) yield* commitSize(info, device);
  if (errno === undefined) {
    info.context.log(
      `BTRFS info: resize device ${nameOf(device)} (devid ${device.id}) from ${old * PAGE_SIZE} to ${size * PAGE_SIZE}`,
    );
  } else {
    // What was moved stays moved; only the size is restored.
    undoShrink(info, device, old);
  }
  info.exclusive.end();
  return errno === undefined ? done(`${old} blocks became ${size}`) : failed(errno);
}

/** btrfs_device_set_total_bytes, and what can still become chunks: a missing device has had no part in that. */
function setSize(info: FsInfo, device: BtrfsDevice, size: Pages): void {
  if (!device.missing) info.volumes.freeChunkSpace.resize(device, size, info.rules.countsFreeChunkSpace);
  device.size = size;
}

function undoShrink(info: FsInfo, device: BtrfsDevice, size: Pages): void {
  if (!device.missing) info.volumes.freeChunkSpace.undoShrink(device, size, info.rules.countsFreeChunkSpace);
  device.size = size;
}

/** btrfs filesystem resize cancel: a shrink stops before the next block group. */
export function* cancelResize(info: FsInfo): Actor<OperationResult> {
  yield step("btrfs_exclop_balance", info);
  if (info.exclusive.running !== "resize") return failed("ENOTCONN", "no resize runs");
  info.resizeCancelled = true;
  return done("the resize stops");
}

/** The device stops answering: reads go to other copies, writes leave it out, as in a degraded mount. */
export function* loseDevice(info: FsInfo, device: BtrfsDevice): Actor<OperationResult> {
  yield step("btrfs_end_super_write", info);
  if (device.missing) return failed("ENODEV", `${nameOf(device)} is missing already`);
  device.device.failed = true;
  device.missing = true;
  info.volumes.freeChunkSpace.lose(device);
  info.volumes.profilesChanged();
  const lost = [...device.extents.valuesFrom(0)].filter(({ group }) => group.profile.toleratedFailures === 0);
  info.context.log(`BTRFS warning: devid ${device.id} is missing`);
  return done(`${nameOf(device)} is gone, and ${lost.length} chunks with it`);
}

function nameOf(device: BtrfsDevice): string {
  return `/dev/${device.device.name}`;
}

/** A refused removal is evidence for every swap file on the device. */
export function tellRefused(
  info: FsInfo,
  device: BtrfsDevice,
  operation: string,
  { skipped, achieved }: OperationResult,
): void {
  const reason = skipped[0]?.reason ?? achieved;
  for (const [{ owner, size }, pins] of info.swapPins) {
    if (pins.device !== device) continue;
    info.context.observer.relocated(owner, 0, size, "refused", operation, reason);
  }
}
