import type { MountOperations } from "../administration.ts";
import type { FsInfo } from "./fs-info.ts";
import {
  abortTransaction,
  freeze,
  remount,
  setMountOption,
  setProperty,
  thaw,
  umount,
} from "./mount-state.ts";

/** btrfs_super_ops, and what is written to sysfs. */
export function mountOperations(info: FsInfo): MountOperations {
  return {
    remount: (readOnly, operation) => remount(info, readOnly, operation),
    setMountOption: (option) => setMountOption(info, option),
    setProperty: (what, operation) => setProperty(info, what, operation),
    umount: (lazy, operation) => umount(info, lazy, operation),
    freeze: () => info.series.afterOrdered("btrfs_wait_ordered_roots (freeze)", freeze(info)),
    thaw: () => thaw(info),
    abortTransaction: (errno) => abortTransaction(info, errno),
  };
}
