import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { FileAccess, OperationResult } from "../administration.ts";
import { ofWrite } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { storeMapped } from "./mapped-store.ts";
import { canNocow } from "./nocow.ts";
import { done, failed, refusalOf } from "./operation-result.ts";

/** Calls of which only the answer matters to swap, except for stores. */
export function* access(
  info: FsInfo,
  inode: Inode,
  kind: FileAccess,
  { operation, first = 0, count = inode.size }: { operation: string; first?: Pages; count?: Pages },
): Actor<OperationResult> {
  yield step(kind, inode);
  if (kind === "store through an old mapping")
    return yield* storeMapped(info, inode, { first, count }, operation);
  const isWrite = kind === "write without waiting";
  const touched = { inode, operation, more: isWrite ? ofWrite(inode, first, count) : {} };
  const refused = yield* refusalOf(info, isWrite ? "write" : kind, touched);
  if (refused) return refused;
  if (isWrite) return writeWithoutWaiting(info, inode, first, first + count);
  if (kind === "set attributes") inode.touch(info.transactions.generation);
  return done(`${kind}: allowed`);
}

/** pwritev2(RWF_NOWAIT) with O_DIRECT: only what needs no allocation (btrfs_get_blocks_direct_write). */
function writeWithoutWaiting(info: FsInfo, inode: Inode, first: Pages, end: Pages): OperationResult {
  for (let block = first; block < end; ) {
    const item = inode.itemAt(block);
    if (!item || !canNocow(info, inode, item)) return failed("EAGAIN", "a block would have to be allocated");
    block = item.end;
  }
  return done("written in place");
}
