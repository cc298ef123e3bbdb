import { type Actor, step } from "../../engine/index.ts";
import type { MountOperations, OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { Volume } from "./volume.ts";

/** What can be done to the mount of ext4. An active swap file is open for writing, so neither goes past it. */
export function mountOperations(volume: Volume): MountOperations {
  return {
    remount: (readOnly) => remount(volume, readOnly),
    umount: (lazy) => umount(volume, lazy),
    abortTransaction: (error) => abort(volume, error),
    freeze: () => freeze(volume),
    thaw: () => thaw(volume),
    setMountOption: (option) => nothing("EINVAL", `ext4 has no option ${option} that matters here`),
    setProperty: (what) => setProperty(volume, what),
  };
}

function isBusy(volume: Volume): boolean {
  return volume.files().some(({ isActiveSwap }) => isActiveSwap);
}

function answer(errno: Errno | undefined, achieved: string): OperationResult {
  return { errno, achieved, skipped: [] };
}

function* nothing(errno: Errno, why: string): Actor<OperationResult> {
  yield step("ext4_reconfigure");
  return answer(errno, why);
}

function* remount(volume: Volume, readOnly: boolean): Actor<OperationResult> {
  yield step("ext4_reconfigure", volume);
  if (readOnly && isBusy(volume)) return answer("EBUSY", "a swap file is open for writing");
  if (readOnly) yield* volume.journal.commit();
  volume.readOnly = readOnly;
  return answer(undefined, readOnly ? "mounted read-only" : "mounted read-write");
}

function* umount(volume: Volume, lazy: boolean): Actor<OperationResult> {
  yield step("umount", volume);
  const busy = isBusy(volume);
  if (busy && !lazy) return answer("EBUSY", "a swap file is open");
  volume.detached = true;
  if (!busy) yield* volume.journal.commit();
  return answer(undefined, busy ? "detached; it stays alive while a swap file is open" : "unmounted");
}

/** jbd2_journal_abort: nothing can be changed any more. */
function* abort(volume: Volume, error: Errno): Actor<OperationResult> {
  yield step("jbd2_journal_abort", volume);
  volume.readOnly = true;
  volume.context.log(`EXT4-fs error: journal aborted after ${error}`);
  return answer(undefined, "the filesystem is read-only from now on");
}

function* freeze(volume: Volume): Actor<OperationResult> {
  yield step("ext4_freeze", volume);
  if (volume.frozen) return answer("EBUSY", "it is frozen already");
  volume.frozen = true;
  yield* volume.journal.commit();
  return answer(undefined, "frozen");
}

function* thaw(volume: Volume): Actor<OperationResult> {
  yield step("ext4_unfreeze", volume);
  if (!volume.frozen) return answer("EINVAL", "it is not frozen");
  volume.frozen = false;
  volume.thawed.wakeAll();
  return answer(undefined, "thawed");
}

function* setProperty(volume: Volume, what: string): Actor<OperationResult> {
  yield step("ext4_ioctl", volume);
  if (volume.readOnly) return answer("EROFS", "nothing");
  if (what !== "label") return answer("EOPNOTSUPP", `ext4 has no ${what}`);
  yield* volume.journal.commit();
  return answer(undefined, "changed the label");
}
