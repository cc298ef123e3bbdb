import type { BlockContent } from "../../block/index.ts";
import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { answer } from "../vfs/index.ts";
import type { F2fsFile } from "./file.ts";
import { balance, readBlock, submitWrites, waitForAll } from "./file-io.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { Volume } from "./volume.ts";

/**
 * F2FS_IOC_DEFRAGMENT of a whole file: what lies in more than one piece is written anew, one behind the other. It asks for
 * a pin and not for S_SWAPFILE, so a swap file that nobody pinned is moved.
 */
export function* defragment(volume: Volume, file: F2fsFile, operation: string): Actor<OperationResult> {
  const { observer } = volume.context;
  yield step("f2fs_ioc_defragment", file);
  if (volume.readOnly) return answer("EROFS", "");
  yield* balance(volume);
  yield* file.lock.lockExclusive("f2fs_defragment_range: inode lock");
  const result = yield* defragmentLocked(volume, file, operation);
  file.lock.unlockExclusive();
  if (result.errno !== undefined) {
    const reason = `f2fs_defragment_range answered ${result.errno}`;
    observer.relocated(file.owner, 0, file.size, "refused", operation, reason);
  }
  return result;
}

function* defragmentLocked(volume: Volume, file: F2fsFile, operation: string): Actor<OperationResult> {
  if (!file.linked) return answer("ENOENT", "");
  if (file.isPinned) return answer("EINVAL", "");
  const pieces = volume.piecesOf(file, file.size);
  if (pieces.length < 2) return answer(undefined, "it is in one piece");
  if (volume.lacksFreeSections(0, Math.ceil(file.blocks / BLOCKS_PER_SECTION))) return answer("EAGAIN", "");
  for (const { first, count } of pieces) {
    for (let at = first; at < first + count; at += BLOCKS_PER_SECTION) {
      const errno = yield* rewrite(volume, file, at, Math.min(BLOCKS_PER_SECTION, first + count - at));
      if (errno) return answer(errno, "");
    }
  }
  volume.context.observer.relocated(file.owner, 0, file.size, "moved", operation, "f2fs_defragment_range");
  return answer(undefined, `moved ${pieces.length} pieces`);
}

function* rewrite(volume: Volume, file: F2fsFile, first: Pages, count: Pages): Actor<"EIO" | undefined> {
  const contents: BlockContent[] = [];
  yield* file.pageLock.lockShared("f2fs_get_lock_data_page");
  for (let block = first; block < first + count; block++) {
    const found = yield* readBlock(volume, file, block);
    if (typeof found === "string") break;
    contents.push(found.content);
  }
  const bios =
    contents.length === count
      ? submitWrites(volume, file, first, count, "coldData", (block) => contents[block - first]!)
      : [];
  const errno = yield* waitForAll(volume, bios, "f2fs_defragment_range: write");
  file.pageLock.unlockShared();
  return contents.length === count && errno === undefined ? undefined : "EIO";
}
