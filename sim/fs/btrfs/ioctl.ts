import type { BlockDevice } from "../../block/index.ts";
import { type Actor, PAGE_SIZE } from "../../engine/index.ts";
import type { OperationResult, SubvolumeOperations, VolumeOperations } from "../administration.ts";
import { balance, cancelBalance, pauseBalance, resumeBalance } from "./balance.ts";
import { replaceDevice } from "./dev-replace.ts";
import type { BtrfsDevice } from "./device.ts";
import { addDevice, cancelResize, loseDevice, removeDevice, resizeDevice } from "./devices.ts";
import { unlessHeldByV3 } from "./era-2014/series.ts";
import { setDirectoryCompression } from "./file-flags.ts";
import type { FsInfo } from "./fs-info.ts";
import { failed } from "./operation-result.ts";
import { scrub } from "./scrub.ts";
import { send } from "./send.ts";
import { snapshot } from "./snapshot.ts";
import { createSubvolume, deleteSubvolume, setReadOnly, waitForCleaner } from "./subvolume-operations.ts";

/** btrfs_ioctl: what is done to volumes. */
export function volumeOperations(info: FsInfo): VolumeOperations {
  /** Runs an operation on a device of the filesystem; ENODEV if it is none. */
  function* on(
    device: BlockDevice,
    run: (known: BtrfsDevice) => Actor<OperationResult>,
  ): Actor<OperationResult> {
    const known = info.volumes.deviceOf(device);
    return known ? yield* run(known) : failed("ENODEV", `${device.name} is no device of this filesystem`);
  }
  return {
    balance: (filters, operation) => balance(info, filters, operation),
    pauseBalance: () => pauseBalance(info),
    resumeBalance: (operation) => resumeBalance(info, operation),
    cancelBalance: () => cancelBalance(info),
    addDevice: (device, operation) => addDevice(info, device, operation),
    removeDevice: (device, operation) => on(device, (known) => removeDevice(info, known, operation)),
    replaceDevice: (source, target, operation) =>
      on(source, (known) => replaceDevice(info, known, target, operation)),
    resizeDevice: (device, size, operation) =>
      on(device, (known) => resizeDevice(info, known, Math.floor(size / PAGE_SIZE), operation)),
    cancelResize: () => cancelResize(info),
    scrub: (operation) => scrub(info, operation),
    loseDevice: (device) => on(device, (known) => loseDevice(info, known)),
  };
}

/** btrfs_ioctl: what is done to subvolumes. */
export function subvolumeOperations(info: FsInfo): SubvolumeOperations {
  return {
    create: (path, operation) => createSubvolume(info, path, operation),
    delete: (path, operation) => deleteSubvolume(info, path, operation),
    snapshot: (path, target, readOnly, operation) => {
      const inodes = info.subvolumeAt(path)?.inodes.values() ?? [];
      const run = snapshot(info, path, { target, readOnly }, operation);
      return unlessHeldByV3(info, inodes, operation, run);
    },
    setCompression: (path, method, operation) => setDirectoryCompression(info, path, method, operation),
    waitForCleaner: () => waitForCleaner(info),
    setReadOnly: (path, readOnly, operation) => setReadOnly(info, path, readOnly, operation),
    send: (path, operation) => send(info, path, operation),
  };
}
