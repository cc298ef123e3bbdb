import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { lockExtents } from "./era-2014/extent-lock.ts";
import { dropDirty, dropExtents } from "./file-item.ts";
import { leaveTree } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { done, failed, GONE, refusalOf } from "./operation-result.ts";
import { FILE_BLOCKS_MAX } from "./tree-item.ts";

/** btrfs_setsize: growing leaves a hole, shrinking frees what lies behind the new end. */
export function* truncate(
  info: FsInfo,
  inode: Inode,
  size: Pages,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_setsize", inode);
  const more = { shrinks: size <= inode.size, tooLong: size > FILE_BLOCKS_MAX };
  const refused = yield* refusalOf(info, "truncate", { inode, operation, more });
  if (refused) return refused;
  const errno = yield* info.metadata.reserveFromGlobal();
  if (errno !== undefined) return failed(errno);
  const end = inode.lockEnd;
  yield* lockExtents(info, inode, { first: 0, end }, "lock_extent (truncate)");
  const old = inode.size;
  if (inode.isGone) {
    inode.lock.unlock(0, end);
    return GONE;
  }
  const full = size > old ? yield* leaveTree(info, inode) : undefined;
  if (full !== undefined) {
    inode.lock.unlock(0, end);
    return failed(full);
  }
  // With the same size, too, what was preallocated behind the end goes.
  if (size <= old) {
    dropDirty(inode, size, old);
    dropExtents(info, inode, size, FILE_BLOCKS_MAX - size);
    info.context.observer.removed(inode.owner, size, old - size);
  }
  inode.update({ size });
  inode.lock.unlock(0, end);
  return done(`${old} blocks became ${size}`);
}
