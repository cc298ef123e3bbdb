import { type Actor, SECOND, sleep, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { INSERT_BYTES } from "./block-rsv.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import type { Subvolume } from "./subvolume.ts";

/** BTRFS_IOC_SUBVOL_CREATE. */
export function* createSubvolume(info: FsInfo, path: string, operation: string): Actor<OperationResult> {
  yield step("create_subvol", info);
  if (info.subvolumeAt(path) ?? info.lookup(path)) return failed("EEXIST", `${path} exists`);
  const more = { readOnlyParent: info.subvolumeOf(path).readOnly };
  const refused = yield* refusalOf(info, "subvolume create", { operation, more });
  if (refused) return refused;
  const errno = yield* info.metadata.reserve(8 * INSERT_BYTES);
  if (errno !== undefined) return failed(errno);
  const made = info.addSubvolume(path, false);
  // Of the subvolume above it, not of the directory in which it is made (btrfs_create_new_inode).
  made.directoryFlags = info.parentOf(made).directoryFlags;
  yield* info.transactions.commit();
  info.metadata.release(8 * INSERT_BYTES);
  return done(`${path} is subvolume ${made.id}`);
}

/**
 * BTRFS_IOC_SNAP_DESTROY: the first of two steps. The name goes at once; what the tree refers to is still referred to
 * until the cleaner has dropped it, after the next commit.
 */
export function* deleteSubvolume(info: FsInfo, path: string, operation: string): Actor<OperationResult> {
  yield step("btrfs_delete_subvolume", info);
  const subvolume = info.subvolumeAt(path);
  if (!subvolume) return failed("ENOENT", `there is no subvolume ${path}`);
  if (subvolume === info.subvolumes[0]) return failed("EPERM", "the top level cannot be deleted");
  if (info.live.some((other) => other !== subvolume && subvolume.covers(other.path))) {
    return failed("ENOTEMPTY", "another subvolume lies in it");
  }
  if (!info.fixes.deadFlagUnderLock) subvolume.beingDeleted = true;
  yield* info.subvolSem.lockExclusive("btrfs_delete_subvolume");
  const result = subvolume.dead
    ? failed("ENOENT", `there is no subvolume ${path} any more`)
    : yield* unlinkSubvolume(info, subvolume, operation);
  info.subvolSem.unlockExclusive();
  subvolume.beingDeleted = subvolume.dead;
  return result;
}

/** Look and mark are one step, both under root_item_lock; so are the look and the count of swapon. */
function* unlinkSubvolume(info: FsInfo, subvolume: Subvolume, operation: string): Actor<OperationResult> {
  const { path } = subvolume;
  const above = info.parentOf(subvolume);
  const parent = { parent: above.id, readOnlyParent: above.readOnly };
  const more = info.fixes.subvolumeDeleteCheck ? parent : { ...parent, swapSubvolume: false };
  const refused = yield* refusalOf(info, "subvolume delete", { subvolume, operation, more });
  if (refused) return refused;
  subvolume.beingDeleted = true;
  if (info.context.engine.exploring) yield step("btrfs_subvolume_reserve_metadata", subvolume);
  const errno = yield* info.metadata.reserveFromGlobal();
  if (errno !== undefined) return failed(errno);
  subvolume.dead = true;
  info.trees.touchRoot(subvolume.id);
  return done(`${path} is gone, the cleaner drops its tree after the commit`);
}

/** How often btrfs-progs looks whether a deleted subvolume is gone. */
const SYNC_INTERVAL = SECOND;

/** btrfs subvolume sync: the transaction is committed, and the cleaner drops what was deleted. */
export function* waitForCleaner(info: FsInfo): Actor<OperationResult> {
  yield* info.transactions.sync();
  while (info.subvolumes.some(({ dead }) => dead)) {
    info.cleanerWork.wakeAll();
    yield sleep("btrfs subvolume sync", SYNC_INTERVAL);
  }
  return done("every deleted subvolume is gone");
}

/** BTRFS_IOC_SUBVOL_SETFLAGS. An active swap file does not mind: its I/O never enters the filesystem. */
export function* setReadOnly(
  info: FsInfo,
  path: string,
  readOnly: boolean,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_ioctl_subvol_setflags", info);
  const subvolume = info.subvolumeAt(path);
  if (!subvolume) return failed("ENOENT", `there is no subvolume ${path}`);
  const rule = readOnly || !subvolume.readOnly ? "subvolume set read-only" : "subvolume set writable";
  const refused = yield* refusalOf(info, rule, { subvolume, operation });
  if (refused) return refused;
  if (subvolume.readOnly !== readOnly) {
    subvolume.readOnly = readOnly;
    info.trees.touchRoot(subvolume.id);
    yield* info.transactions.commit();
  }
  return done(`${path} is ${readOnly ? "read-only" : "writable"}`);
}
