import { HistoryVerb } from "../../block/index.ts";
import { type Actor, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { INSERT_BYTES } from "./block-rsv.ts";
import { onDisk } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import { Inode } from "./inode.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import { orphanCleanup } from "./orphans.ts";
import type { Subvolume } from "./subvolume.ts";
import { InodeItem } from "./tree-item.ts";

/** Items that a new subvolume costs: root, reference, back reference, directory entries (create_snapshot). */
const SNAPSHOT_ITEMS = 8;

/** btrfs_ioctl_snap_create: refused while a pinned swap file is active; made at the end of a commit otherwise. */
export function* snapshot(
  info: FsInfo,
  path: string,
  { target, readOnly }: { readonly target: string; readonly readOnly: boolean },
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_ioctl_snap_create", info);
  const source = info.subvolumeAt(path);
  if (!source) return failed("ENOENT", `there is no subvolume ${path}`);
  if (info.subvolumeAt(target) ?? info.lookup(target)) return failed("EEXIST", `${target} exists`);
  // btrfs_mksnapshot: from here on blocks are not written in place, and those under way are waited for.
  yield* source.snapshotLock.readLock("btrfs_mksnapshot");
  yield* info.series.waitOrdered("btrfs_wait_ordered_extents (snapshot)");
  yield* info.subvolSem.lockShared("btrfs_mksubvol");
  const result = source.dead
    ? failed("ENOENT", `there is no subvolume ${path} any more`)
    : yield* createSnapshot(info, source, { target, readOnly }, operation);
  info.subvolSem.unlockShared();
  source.snapshotLock.readUnlock();
  return result;
}

/** create_snapshot: the only look at active swap files is at its beginning; blocks are shared in the commit. */
function* createSnapshot(
  info: FsInfo,
  source: Subvolume,
  { target, readOnly }: { readonly target: string; readonly readOnly: boolean },
  operation: string,
): Actor<OperationResult> {
  const more = { readOnlyParent: info.subvolumeOf(target).readOnly };
  const refused = yield* refusalOf(info, "snapshot", { subvolume: source, operation, more });
  if (refused) return refused;
  const errno = yield* info.metadata.reserve(SNAPSHOT_ITEMS * INSERT_BYTES);
  if (errno !== undefined) return failed(errno);
  if (info.context.engine.exploring) yield step("btrfs_commit_transaction (snapshot)", source);
  yield* info.transactions.commit();
  const taken = info.subvolumeAt(target) ?? info.lookup(target);
  const made =
    info.readOnly || taken
      ? undefined
      : yield* info.series.inCriticalSection(() =>
          createPendingSnapshot(info, source, { target, readOnly }, operation),
        );
  info.metadata.release(SNAPSHOT_ITEMS * INSERT_BYTES);
  if (taken) return failed("EEXIST", `${target} exists`);
  if (!made) return failed("EROFS");
  yield* info.transactions.commit();
  return done(`${target} shares ${made.inodes.size} files`);
}

/**
 * create_pending_snapshot: one atomic step. Only the root node is copied; an extent gets a second reference now if
 * that node is a leaf, and else when a leaf that names it is copied.
 */
function createPendingSnapshot(
  info: FsInfo,
  source: Subvolume,
  { target, readOnly }: { target: string; readOnly: boolean },
  operation: string,
): Subvolume {
  const made = info.addSnapshot(source, target, readOnly);
  // Extents written up to this transaction are shared; the next one writes new ones.
  source.lastSnapshot = info.transactions.generation;
  made.lastSnapshot = source.lastSnapshot;
  // The root item is copied with all its flags.
  made.beingDeleted = source.beingDeleted;
  info.transactions.generation++;
  for (const inode of source.inodes.values()) {
    const copy = inodeInSnapshot(info, inode, made);
    noteShared(info, inode, copy, operation);
  }
  // The kernel does it right behind the commit; a mount in between would do the same.
  orphanCleanup(info, made);
  return made;
}

function inodeInSnapshot({ context }: FsInfo, inode: Inode, made: Subvolume): Inode {
  const path = made.pathOf(inode.subvolume.nameOf(inode.path));
  const owner = context.owners.add("snapshot-file", path).id;
  const item = made.tree.get(new InodeItem(inode.ino, 0, inode.flags).key) as InodeItem;
  const copy = new Inode(context.engine, { item, owner, subvolume: made, path });
  copy.extentCount = inode.extentCount;
  made.inodes.set(copy.ino, copy);
  for (const [name, index] of inode.names) {
    copy.names.set(name, index);
    made.names.set(name, copy);
  }
  return copy;
}

/** Histories and the observer learn that `copy` names the same blocks as `inode` from now on. */
export function noteShared(info: FsInfo, inode: Inode, copy: Inode, operation: string): void {
  const { observer } = info.context;
  for (const item of copy.itemsFrom(0)) {
    const { start, count } = onDisk(item);
    info.note(HistoryVerb.Shared, start, count, copy.owner, item.fileBlock);
  }
  observer.cloned(inode.owner, copy.owner, 0, inode.size);
  observer.relocated(inode.owner, 0, inode.size, "shared", operation, `shared with ${copy.path}`);
}
