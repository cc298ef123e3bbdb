import { type Actor, step } from "../../engine/index.ts";
import type { OperationResult } from "../filesystem.ts";
import type { FsInfo } from "./fs-info.ts";
import { Inode } from "./inode.ts";
import { shareFile } from "./snapshot.ts";

/** FICLONE onto a new file: the copy shares all extents. Refused for an active swap file (generic_remap_file_range_prep). */
export function* reflink(
  info: FsInfo,
  source: Inode,
  target: string,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_remap_file_range", source);
  if (info.lookup(target)) return { errno: "EEXIST", achieved: `${target} exists`, skipped: [] };
  if (source.swapActive) return refuseSwapFile(info, source, operation, "ETXTBSY");
  yield* source.lock.lock("lock_extent (clone)", 0, Math.max(1, source.size));
  const subvolume = info.subvolumeOf(target);
  // What changes it behind its back is counted with the snapshots: it is the same harm to the same promise.
  const owner = info.context.owners.add("snapshot-file", target).id;
  const shape = { path: target, owner, size: source.size, subvolume, nocow: source.nocow };
  shareFile(info, source, new Inode(info.context.engine, shape), operation);
  source.lock.unlock(0, Math.max(1, source.size));
  return { errno: undefined, achieved: `${target} shares the extents of ${source.path}`, skipped: [] };
}

/** unlink and last close: the references go, the space is pinned until the commit. */
export function* unlink(info: FsInfo, path: string, operation: string): Actor<OperationResult> {
  yield step("btrfs_unlink", info);
  const inode = info.lookup(path);
  if (!inode) return { errno: "ENOENT", achieved: `there is no ${path}`, skipped: [] };
  if (inode.subvolume.readOnly) return { errno: "EROFS", achieved: "nothing", skipped: [] };
  if (inode.swapActive) return refuseSwapFile(info, inode, operation, "EPERM");
  yield* inode.lock.lock("lock_extent (evict)", 0, Math.max(1, inode.size));
  if (inode.size > 0) info.dropExtents(inode, 0, inode.size);
  inode.subvolume.inodes.delete(path);
  info.context.observer.removed(inode.owner, 0, inode.size);
  inode.lock.unlock(0, Math.max(1, inode.size));
  return { errno: undefined, achieved: `removed ${path}`, skipped: [] };
}

function refuseSwapFile(
  info: FsInfo,
  inode: Inode,
  operation: string,
  errno: "ETXTBSY" | "EPERM",
): OperationResult {
  const reason = "active swapfile";
  info.context.observer.relocated(inode.owner, 0, inode.size, "refused", operation, reason);
  return { errno, achieved: "nothing", skipped: [{ what: inode.path, reason }] };
}
