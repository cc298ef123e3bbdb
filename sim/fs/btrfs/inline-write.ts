import type { Actor, Bytes } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import { INSERT_BYTES } from "./block-rsv.ts";
import { bufferedWrite } from "./file-write.ts";
import type { FsInfo } from "./fs-info.ts";
import { InlineExtent } from "./inline-extent.ts";
import type { Inode } from "./inode.ts";

/**
 * write(2) of less than a block into an empty file: up to max_inline the data goes into the leaf (cow_file_range_inline),
 * whether the file is copy-on-write or not.
 */
export function* writeSmall(info: FsInfo, inode: Inode, bytes: Bytes): Actor<Errno | undefined> {
  if (bytes > info.options.maxInline || inode.size > 0) return yield* bufferedWrite(info, inode, 0, 1);
  yield* info.startWrite();
  if (info.readOnly) return "EROFS";
  const errno = yield* info.metadata.reserve(INSERT_BYTES);
  if (errno !== undefined) return errno;
  yield* inode.lock.lock("lock_extent (inline)", 0, 1);
  const isOurs = !inode.evicted && inode.size === 0;
  if (isOurs) {
    const generation = info.context.generations.take(1);
    inode.insertInline(new InlineExtent(inode.ino, bytes, generation));
    inode.update({ size: 1 });
    info.context.observer.wrote(inode.owner, 0, 1, generation);
  }
  inode.lock.unlock(0, 1);
  info.metadata.release(INSERT_BYTES);
  return isOurs ? undefined : "ENOENT";
}
