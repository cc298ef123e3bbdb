import { type Actor, step } from "../../engine/index.ts";
import type { GarbageCollection, OperationResult } from "../administration.ts";
import type { FileHandle } from "../file-handle.ts";
import { answer } from "../vfs/index.ts";
import { collectGarbage, hasLostPatience } from "./gc.ts";
import type { Volume } from "./volume.ts";

/** The ioctls about garbage collection. */
export function garbageCollection(volume: Volume): GarbageCollection {
  return {
    collect: (foreground, operation) => collect(volume, foreground, operation),
    pin: (file, pinned) => pin(volume, file, pinned),
  };
}

/** F2FS_IOC_GARBAGE_COLLECT: one section. */
function* collect(volume: Volume, foreground: boolean, operation: string): Actor<OperationResult> {
  const { gc } = volume;
  yield step("f2fs_ioc_gc", gc);
  if (volume.readOnly) return answer("EROFS", "");
  if (foreground) yield* gc.lock.lock("f2fs_ioc_gc: gc_lock");
  else if (!gc.lock.tryLock()) return answer("EBUSY", "");
  const { errno, sections, moved } = yield* collectGarbage(volume, { foreground, sections: 0, operation });
  // err_gc_skipped: a foreground collection that emptied nothing says so.
  const skipped = foreground && errno === undefined && sections === 0;
  return answer(skipped ? "EAGAIN" : errno, `moved ${moved} blocks, emptied ${sections} sections`);
}

/** F2FS_IOC_SET_PIN_FILE. */
function* pin(volume: Volume, handle: FileHandle, pinned: boolean): Actor<OperationResult> {
  const file = volume.inodeOf(handle);
  yield* file.lock.lockExclusive("f2fs_ioc_set_pin_file: inode lock");
  const errno = pinLocked();
  file.lock.unlockExclusive();
  return answer(errno, pinned ? `pinned; ${file.gcFailures} collections met it so far` : "not pinned");

  function pinLocked() {
    if (volume.readOnly) return "EROFS";
    if (pinned && volume.options.isLfs) return "EINVAL";
    if (pinned && hasLostPatience(volume, file)) return "EAGAIN";
    file.isPinned = pinned;
    if (!pinned) file.gcFailures = 0;
    volume.changed(file);
    return undefined;
  }
}
