import { HistoryVerb } from "../../block/index.ts";
import { type Actor, step } from "../../engine/index.ts";
import type { OperationResult } from "../filesystem.ts";
import type { FsInfo } from "./fs-info.ts";
import { Inode } from "./inode.ts";
import { Subvolume } from "./subvolume.ts";

/** btrfs_ioctl_snap_create: refused while a pinned swap file is active; made at the end of a commit otherwise. */
export function* snapshot(
  info: FsInfo,
  path: string,
  target: string,
  operation: string,
): Actor<OperationResult> {
  yield step("create_snapshot", info);
  const source = info.subvolumes.find((subvolume) => subvolume.path === path);
  if (!source) return { errno: "ENOENT", achieved: `there is no subvolume ${path}`, skipped: [] };
  if (info.subvolumes.some((subvolume) => subvolume.path === target)) {
    return { errno: "EEXIST", achieved: `${target} exists`, skipped: [] };
  }
  if (source.swapFiles > 0) return refuse(info, source, operation);
  source.snapshotting = true;
  yield* info.transactions.commit();
  const made = createPendingSnapshot(info, source, target, operation);
  source.snapshotting = false;
  yield* info.transactions.commit();
  return { errno: undefined, achieved: `${target} shares ${made.inodes.size} files`, skipped: [] };
}

function refuse(info: FsInfo, source: Subvolume, operation: string): OperationResult {
  const reason = "cannot snapshot subvolume with active swapfile";
  info.context.log(`BTRFS warning: ${reason}`);
  for (const inode of source.inodes.values()) {
    if (!inode.swapActive) continue;
    info.context.observer.relocated(inode.owner, 0, inode.size, "refused", operation, reason);
  }
  return { errno: "ETXTBSY", achieved: "nothing", skipped: [{ what: source.path, reason }] };
}

/** create_pending_snapshot: one atomic step; every extent gets a second reference. */
function createPendingSnapshot(
  info: FsInfo,
  source: Subvolume,
  target: string,
  operation: string,
): Subvolume {
  const made = new Subvolume(256 + info.subvolumes.length, target, true);
  // Extents written up to this transaction are shared; the next one writes new ones.
  source.lastSnapshot = info.transactions.generation;
  made.lastSnapshot = source.lastSnapshot;
  info.transactions.generation++;
  for (const inode of source.inodes.values()) {
    const path = target + (source.path === "/" ? inode.path : inode.path.slice(source.path.length));
    shareFile(info, inode, new Inode(info.context.engine, cloneShape(info, inode, path, made)), operation);
  }
  info.subvolumes.push(made);
  info.metadata.touchRoot(`fs ${target}`);
  return made;
}

function cloneShape(
  { context }: FsInfo,
  inode: Inode,
  path: string,
  subvolume: Subvolume,
): ConstructorParameters<typeof Inode>[1] {
  const owner = context.owners.add("snapshot-file", path).id;
  return { path, owner, size: inode.size, subvolume, nocow: inode.nocow };
}

/** Gives `copy` the same extents as `inode`, each with one more reference (btrfs_clone, or a snapshot's copy). */
export function shareFile(info: FsInfo, inode: Inode, copy: Inode, operation: string): void {
  const { observer } = info.context;
  copy.subvolume.inodes.set(copy.path, copy);
  for (const { fileBlock, count, extent, offset, prealloc } of inode.items()) {
    copy.insert({ fileBlock, count, extent, offset, prealloc });
    info.note(extent.start + offset, count, HistoryVerb.Shared, copy.owner, fileBlock);
    info.metadata.touchExtent(extent.start, extent.count, false);
  }
  observer.cloned(inode.owner, copy.owner, 0, inode.size);
  observer.relocated(inode.owner, 0, inode.size, "shared", operation, `shared with ${copy.path}`);
}
