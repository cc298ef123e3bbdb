import { pagesOf } from "../../engine/index.ts";
import type { FileOperations } from "../administration.ts";
import type { FileHandle } from "../file-handle.ts";
import { touchedBlocks } from "./block-range.ts";
import { cloneFileRange, copyFileRange } from "./copy-range.ts";
import { unlessHeldByV3 } from "./era-2014/series.ts";
import { fallocate } from "./fallocate.ts";
import { access } from "./file-access.ts";
import { chattr, setCompression } from "./file-flags.ts";
import { truncate } from "./file-size.ts";
import type { FsInfo } from "./fs-info.ts";
import { writeSmall } from "./inline-write.ts";
import type { Inode } from "./inode.ts";
import { underBothLocks, underInodeLock } from "./inode-lock.ts";
import { create, link, rename } from "./namei.ts";
import { dedupe } from "./reflink.ts";

/** btrfs_file_operations and btrfs_dir_inode_operations: each under the locks that the VFS takes for it. */
export function fileOperations(info: FsInfo): FileOperations {
  const inode = (file: FileHandle): Inode => info.inodeOf(file);
  return {
    writeSmall: (file, bytes) => underInodeLock(info, inode(file), writeSmall(info, inode(file), bytes)),
    truncate: (file, size, operation) =>
      underInodeLock(info, inode(file), truncate(info, inode(file), pagesOf(size), operation)),
    fallocate: (file, mode, range, operation) =>
      underInodeLock(info, inode(file), fallocate(info, inode(file), { mode, range }, operation)),
    copyRange: (source, target, range, operation) => {
      const files = { source: inode(source), target: inode(target) };
      const run = copyFileRange(info, { ...files, range }, operation);
      const locked = underBothLocks(info, [files.source, files.target], run);
      return unlessHeldByV3(info, Object.values(files), operation, locked);
    },
    create: (path, nocow, operation) => create(info, path, nocow, operation),
    access: (file, kind, operation, range) =>
      access(info, inode(file), kind, { operation, ...(range && touchedBlocks(range)) }),
    cloneRange: (source, target, range, operation) => {
      const files = { source: inode(source), target: inode(target) };
      const run = cloneFileRange(info, { ...files, range }, operation);
      return underBothLocks(info, [files.source, files.target], run);
    },
    link: (file, target, operation) => link(info, inode(file), target, operation),
    rename: (path, target, operation) => rename(info, path, target, operation),
    dedupe: (source, target, operation) => {
      const both = [inode(source), inode(target)] as const;
      const run = underBothLocks(info, both, dedupe(info, ...both, operation));
      return unlessHeldByV3(info, [inode(source), inode(target)], operation, run);
    },
    chattr: (file, change, operation) =>
      underInodeLock(info, inode(file), chattr(info, inode(file), change, operation)),
    setCompression: (file, method, operation) =>
      underInodeLock(info, inode(file), setCompression(info, inode(file), method, operation)),
  };
}
