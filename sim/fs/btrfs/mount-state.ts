import { type Actor, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { methodNamed } from "./compression.ts";
import type { FsInfo } from "./fs-info.ts";
import type { MountFlags } from "./mount-flags.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import { TOP_LEVEL } from "./subvolume.ts";

/** Active swap files are open for writing: neither umount nor remount may pass over them. */
function hasSwapFile(info: FsInfo): boolean {
  return info.subvolumes.some(({ inodes }) => [...inodes.values()].some(({ isSwapFile }) => isSwapFile));
}

/** mount -o remount,ro or rw (btrfs_remount). An aborted filesystem stays read-only. */
export function* remount(info: FsInfo, readOnly: boolean, operation: string): Actor<OperationResult> {
  yield step("btrfs_remount", info);
  if (!readOnly) {
    const refused = yield* refusalOf(info, "remount", { operation, readsOnly: true });
    if (refused) return refused;
    if (info.aborted) return failed("EROFS", "a transaction was aborted");
    info.readOnly = false;
    return done("mounted read-write");
  }
  const busy = info.mountUsers.writers > 0 || hasSwapFile(info);
  const touched = { operation, more: { busy }, readsOnly: true };
  const refused = yield* refusalOf(info, "remount read-only", touched);
  if (refused) return refused;
  yield* info.transactions.commit();
  info.readOnly = true;
  return done("mounted read-only");
}

/** Copy-on-write and checksums go together with compression: asking for one puts the others in their place. */
const UNCOMPRESSED = { compress: undefined, compressForce: false };

/** Options of mount that a remount can change and the model knows (btrfs_parse_options). */
const MOUNT_OPTIONS: Readonly<Record<string, Partial<MountFlags>>> = {
  nodatacow: { nodatacow: true, nodatasum: true, ...UNCOMPRESSED },
  datacow: { nodatacow: false },
  nodatasum: { nodatasum: true },
  datasum: { nodatacow: false, nodatasum: false },
  "compress=no": UNCOMPRESSED,
};

function flagsOf(option: string): Partial<MountFlags> | undefined {
  const [, force, name] = /^compress(-force)?=(\w+)$/.exec(option) ?? [];
  const compress = methodNamed(name);
  if (compress === undefined) return MOUNT_OPTIONS[option];
  return { nodatacow: false, nodatasum: false, compress, compressForce: force !== undefined };
}

/** mount -o remount,OPTION. What files that exist are like does not change. */
export function* setMountOption(info: FsInfo, option: string): Actor<OperationResult> {
  yield step("btrfs_remount", info);
  const touched = { operation: `remount with ${option}`, readsOnly: true };
  const refused = yield* refusalOf(info, "remount", touched);
  if (refused) return refused;
  const flags = flagsOf(option);
  if (!flags) return failed("EINVAL", `no option ${option}`);
  Object.assign(info.mountFlags, flags);
  return done(`mounted with ${option}`);
}

/** An ioctl that changes one item of the root tree or the super block (btrfs_ioctl_set_fslabel, _default_subvol). */
export function* setProperty(info: FsInfo, what: string, operation: string): Actor<OperationResult> {
  yield step("btrfs_ioctl", info);
  const refused = yield* refusalOf(info, "set property", { operation });
  if (refused) return refused;
  info.trees.touchRoot(TOP_LEVEL);
  yield* info.transactions.commit();
  return done(`changed the ${what}`);
}

/**
 * umount. Lazily (MNT_DETACH) it only takes the paths away: what is open, swap files above all, goes on, so the model
 * leaves everything as it is.
 */
export function* umount(info: FsInfo, lazy: boolean, operation: string): Actor<OperationResult> {
  yield step("umount", info);
  const busy = info.mountUsers.open > 0 || hasSwapFile(info);
  if (lazy && busy) info.detached = true;
  if (lazy && busy) return done("detached; it stays alive while a file is open");
  const refused = yield* refusalOf(info, "umount", { operation, more: { busy }, readsOnly: true });
  if (refused) return refused;
  info.unmounted = true;
  yield* info.transactions.sync();
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

/** btrfs_abort_transaction, after an error that nobody can undo: a fault to inject. What swap has captured goes on. */
export function* abortTransaction(info: FsInfo, errno: "EIO" | "ENOSPC"): Actor<OperationResult> {
  yield step("btrfs_abort_transaction", info);
  if (info.readOnly) return failed("EROFS", "a read-only filesystem has no transaction");
  info.transactions.abort(errno);
  return done("the transaction is aborted, the filesystem read-only");
}
