import { type Actor, step } from "../../engine/index.ts";
import type { OperationResult } from "../filesystem.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed, refusalOf } from "./operation-result.ts";

/** Active swap files are open for writing: neither umount nor remount may pass over them. */
function isBusy(info: FsInfo): boolean {
  return info.inodes().some(({ swapFile }) => swapFile);
}

/** mount -o remount,ro or rw (btrfs_remount). An aborted filesystem stays read-only. */
export function* remount(info: FsInfo, readOnly: boolean, operation: string): Actor<OperationResult> {
  yield step("btrfs_remount", info);
  if (!readOnly) {
    if (info.aborted) return failed("EROFS", "a transaction was aborted");
    info.readOnly = false;
    return done("mounted read-write");
  }
  const refused = yield* refusalOf(info, "remount read-only", { operation, more: { busy: isBusy(info) } });
  if (refused) return refused;
  yield* info.transactions.commit();
  info.readOnly = true;
  return done("mounted read-only");
}

/**
 * umount. Lazily (MNT_DETACH) it only takes the paths away: what is open, swap files above all, goes on, so the model
 * leaves everything as it is.
 */
export function* umount(info: FsInfo, lazy: boolean, operation: string): Actor<OperationResult> {
  yield step("umount", info);
  const busy = isBusy(info);
  if (lazy && busy) return done("detached; it stays alive while a swap file is open");
  const refused = yield* refusalOf(info, "umount", { operation, more: { busy } });
  if (refused) return refused;
  if (!info.readOnly) yield* info.transactions.commit();
  info.unmounted = true;
  info.readOnly = true;
  return done("unmounted");
}

/** FIFREEZE: everything is committed, and changes wait from then on. Swap goes past the filesystem and does not. */
export function* freeze(info: FsInfo): Actor<OperationResult> {
  yield step("btrfs_freeze", info);
  if (info.frozen) return failed("EBUSY", "it is frozen already");
  info.frozen = true;
  yield* info.transactions.commit();
  return done("frozen");
}

/** FITHAW. */
export function* thaw(info: FsInfo): Actor<OperationResult> {
  yield step("btrfs_unfreeze", info);
  if (!info.frozen) return failed("EINVAL", "it is not frozen");
  info.frozen = false;
  info.thawed.wakeAll();
  return done("thawed");
}

/** btrfs_abort_transaction, from somewhere in the middle of a change. What swap has captured goes on working. */
export function* abort(info: FsInfo, error: "EIO" | "ENOSPC"): Actor<OperationResult> {
  yield step("btrfs_abort_transaction", info);
  info.transactions.abort(error);
  return done("forced read-only; what was not committed is lost at the next mount");
}
