import { type Actor, PAGE_SIZE, type Pages, pagesOf, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type {
  FallocateMode,
  FileHandle,
  FileOperations,
  MountOperations,
  OperationResult,
} from "../filesystem.ts";
import type { NfsFile } from "./nfs.ts";

/** What the operations need of the mount. */
export interface NfsFiles {
  find(path: string): NfsFile | undefined;
  add(path: string): Errno | NfsFile;
  remove(file: NfsFile): void;
  rename(file: NfsFile, path: string): void;
  /** Room for so many pages; false if the server has none. Blocks that are new are holes. */
  resize(file: NfsFile, pages: Pages): boolean;
  /** Blocks [from, to) get space, or lose it. */
  allocate(file: NfsFile, from: Pages, to: Pages): void;
  punch(file: NfsFile, from: Pages, to: Pages): void;
  anyActive(): boolean;
}

function done(achieved: string, errno?: Errno): OperationResult {
  return { errno, achieved: errno === undefined ? achieved : "nothing", skipped: [] };
}

/** One call to the server, of which the time does not matter here. */
function* answering(what: string, answer: () => OperationResult): Actor<OperationResult> {
  yield step(what, answer);
  return answer();
}

/**
 * File operations as an NFS client answers them, Linux 6.1: what the VFS refuses because of S_SWAPFILE it refuses here
 * too; ALLOCATE and DEALLOCATE are all that NFSv4.2 has of fallocate; there are no flags.
 */
export function fileOperations(files: NfsFiles): FileOperations {
  const of = (file: FileHandle): NfsFile => file as NfsFile;
  const unsupported = (what: string): Actor<OperationResult> => answering(what, () => done("", "EOPNOTSUPP"));
  return {
    create: (path) =>
      answering("nfs_create", () => {
        const made = files.add(path);
        return typeof made === "string" ? done("", made) : done(`made ${path}`);
      }),
    access: (file, kind) =>
      answering("access", () => {
        const isRefused = of(file).isActiveSwap && kind !== "open for writing" && kind !== "set attributes";
        return done("it is allowed", isRefused ? "ETXTBSY" : undefined);
      }),
    truncate: (file, size) =>
      answering("nfs_setattr", () => truncate(files, of(file), Math.ceil(size / PAGE_SIZE))),
    fallocate: (file, mode, { from, to }) =>
      answering("nfs42_fallocate", () =>
        fallocate(files, of(file), mode, Math.floor(from / PAGE_SIZE), pagesOf(to)),
      ),
    copyRange: () => unsupported("nfs4_copy_file_range"),
    cloneRange: () => unsupported("nfs42_remap_file_range"),
    dedupe: () => unsupported("nfs42_remap_file_range"),
    link: (file, target) =>
      answering("nfs_link", () =>
        files.find(target) ? done("", "EEXIST") : done(`${target} is another name of ${file.path}`),
      ),
    rename: (path, target) => answering("nfs_rename", () => rename(files, path, target)),
    chattr: () => answering("FS_IOC_SETFLAGS", () => done("", "ENOTTY")),
    setCompression: () => unsupported("setxattr"),
  };
}

function truncate(files: NfsFiles, file: NfsFile, pages: Pages): OperationResult {
  // inode_newsize_ok looks at smaller sizes only.
  if (file.isActiveSwap && pages <= file.size) return done("", "ETXTBSY");
  if (!files.resize(file, pages)) return done("", "ENOSPC");
  return done(`${file.path} has ${pages} pages`);
}

function fallocate(
  files: NfsFiles,
  file: NfsFile,
  mode: FallocateMode,
  from: Pages,
  to: Pages,
): OperationResult {
  if (file.isActiveSwap) return done("", "ETXTBSY");
  if (mode === "punch-hole") {
    files.punch(file, from, Math.min(to, file.size));
    return done(`took ${to - from} pages out`);
  }
  if (mode !== "allocate") return done("", "EOPNOTSUPP");
  if (to > file.size && !files.resize(file, to)) return done("", "ENOSPC");
  files.allocate(file, from, to);
  return done(`has ${to - from} pages`);
}

/** may_delete: neither the file itself nor one in whose place it comes may be active swap. */
function rename(files: NfsFiles, path: string, target: string): OperationResult {
  const file = files.find(path);
  if (!file) return done("", "ENOENT");
  const replaced = files.find(target);
  if (file.isActiveSwap || replaced?.isActiveSwap) return done("", "EPERM");
  if (replaced) files.remove(replaced);
  files.rename(file, target);
  return done(`${path} is ${target}`);
}

/** The mount as the client sees it: in use as long as a swap file holds it. */
export function mountOperations(files: NfsFiles): MountOperations {
  const busy = (what: string): Actor<OperationResult> =>
    answering(what, () => done("it is idle", files.anyActive() ? "EBUSY" : undefined));
  const unsupported = (what: string): Actor<OperationResult> => answering(what, () => done("", "EOPNOTSUPP"));
  return {
    remount: (readOnly) =>
      readOnly ? busy("nfs_reconfigure") : answering("nfs_reconfigure", () => done("writable")),
    setMountOption: () => unsupported("nfs_reconfigure"),
    setProperty: () => unsupported("ioctl"),
    umount: () => busy("umount"),
    freeze: () => unsupported("freeze_super"),
    thaw: () => unsupported("thaw_super"),
    abortTransaction: () => unsupported("abort"),
  };
}
