import { type Actor, step } from "../../engine/index.ts";
import type { MountOperations, OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { Inode } from "./inode.ts";
import type { MountedVolume } from "./mounted-volume.ts";

type Volume = MountedVolume<Inode>;

/** What can be done to the mount. An active swap file is open for writing, so neither remount nor umount goes past it. */
export function mountOperations(volume: Volume): MountOperations {
  return {
    remount: (readOnly) => remount(volume, readOnly),
    umount: (lazy) => umount(volume, lazy),
    abortTransaction: (error) => abort(volume, error),
    freeze: () => freeze(volume),
    thaw: () => thaw(volume),
    setMountOption: (option) =>
      nothing(volume, "EINVAL", `${volume.type} has no option ${option} that matters here`),
    setProperty: (what) => setProperty(volume, what),
  };
}

function isBusy(volume: Volume): boolean {
  return volume.namespace.files().some(({ isActiveSwap }) => isActiveSwap);
}

function told(errno: Errno | undefined, achieved: string): OperationResult {
  return { errno, achieved, skipped: [] };
}

function* nothing(volume: Volume, errno: Errno, why: string): Actor<OperationResult> {
  yield step(`${volume.type}_reconfigure`);
  return told(errno, why);
}

function* remount(volume: Volume, readOnly: boolean): Actor<OperationResult> {
  yield step(`${volume.type}_reconfigure`, volume);
  if (readOnly && isBusy(volume)) return told("EBUSY", "a swap file is open for writing");
  if (readOnly) yield* volume.commit();
  volume.readOnly = readOnly;
  return told(undefined, readOnly ? "mounted read-only" : "mounted read-write");
}

function* umount(volume: Volume, lazy: boolean): Actor<OperationResult> {
  yield step("umount", volume);
  const busy = isBusy(volume);
  if (busy && !lazy) return told("EBUSY", "a swap file is open");
  volume.detached = true;
  if (!busy) yield* volume.commit();
  return told(undefined, busy ? "detached; it stays alive while a swap file is open" : "unmounted");
}

/** The filesystem stops: nothing can be changed any more. */
function* abort(volume: Volume, error: Errno): Actor<OperationResult> {
  yield step(volume.stops.function, volume);
  volume.stop();
  volume.context.log(`${volume.stops.message} after ${error}`);
  return told(undefined, "the filesystem is read-only from now on");
}

function* freeze(volume: Volume): Actor<OperationResult> {
  yield step(`${volume.type}_freeze`, volume);
  if (volume.frozen) return told("EBUSY", "it is frozen already");
  volume.frozen = true;
  yield* volume.commit();
  return told(undefined, "frozen");
}

function* thaw(volume: Volume): Actor<OperationResult> {
  yield step(`${volume.type}_unfreeze`, volume);
  if (!volume.frozen) return told("EINVAL", "it is not frozen");
  volume.frozen = false;
  volume.thawed.wakeAll();
  return told(undefined, "thawed");
}

function* setProperty(volume: Volume, what: string): Actor<OperationResult> {
  yield step(`${volume.type}_ioctl`, volume);
  if (volume.readOnly) return told("EROFS", "nothing");
  if (what !== "label") return told("EOPNOTSUPP", `${volume.type} has no ${what}`);
  yield* volume.commit();
  return told(undefined, "changed the label");
}
