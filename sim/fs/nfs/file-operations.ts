import { type Actor, PAGE_SIZE, type Pages, pagesOf, step } from "../../engine/index.ts";
import type {
  FallocateMode,
  FileAccess,
  FileOperations,
  MountOperations,
  OperationResult,
} from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle } from "../file-handle.ts";
import type { NfsFile, NfsFiles } from "./files.ts";

function done(achieved: string, errno?: Errno): OperationResult {
  return { errno, achieved: errno === undefined ? achieved : "nothing", skipped: [] };
}

/** One call to the server, of which the time does not matter here. */
function* answering(what: string, answer: () => OperationResult): Actor<OperationResult> {
  yield step(what, answer);
  return answer();
}

/** What every change of a file is refused for: its handle, then mnt_want_write. */
function unchangeable(files: NfsFiles, file: NfsFile): Errno | undefined {
  if (files.isGone(file)) return "ESTALE";
  return files.readOnly ? "EROFS" : undefined;
}

/**
 * File operations as an NFS client answers them, Linux 6.1: what the VFS refuses because of S_SWAPFILE it refuses here
 * too; ALLOCATE and DEALLOCATE are all that NFSv4.2 has of fallocate; there are no flags.
 */
export function fileOperations(files: NfsFiles): FileOperations {
  const of = (file: FileHandle): NfsFile => file as NfsFile;
  const unsupported = (what: string): Actor<OperationResult> => answering(what, () => done("", "EOPNOTSUPP"));
  return {
    create: (path) => answering("nfs_create", () => create(files, path)),
    access: (file, kind) => answering("access", () => access(files, of(file), kind)),
    truncate: (file, size) =>
      answering("nfs_setattr", () => truncate(files, of(file), Math.ceil(size / PAGE_SIZE))),
    fallocate: (file, mode, { from, to }) =>
      answering("nfs42_fallocate", () =>
        fallocate(files, of(file), mode, Math.floor(from / PAGE_SIZE), pagesOf(to)),
      ),
    copyRange: () => unsupported("nfs4_copy_file_range"),
    cloneRange: () => unsupported("nfs42_remap_file_range"),
    dedupe: () => unsupported("nfs42_remap_file_range"),
    link: (file, target) => answering("nfs_link", () => link(files, of(file), target)),
    rename: (path, target) => answering("nfs_rename", () => rename(files, path, target)),
    chattr: () => answering("FS_IOC_SETFLAGS", () => done("", "ENOTTY")),
    setCompression: () => unsupported("setxattr"),
  };
}

function create(files: NfsFiles, path: string): OperationResult {
  if (files.find(path)) return done("", "EEXIST");
  if (files.readOnly) return done("", "EROFS");
  files.add(path, 0);
  return done(`made ${path}`);
}

function access(files: NfsFiles, file: NfsFile, kind: FileAccess): OperationResult {
  const isRefused = file.isActiveSwap && kind !== "open for writing" && kind !== "set attributes";
  return done("it is allowed", unchangeable(files, file) ?? (isRefused ? "ETXTBSY" : undefined));
}

function truncate(files: NfsFiles, file: NfsFile, pages: Pages): OperationResult {
  const errno = unchangeable(files, file);
  if (errno !== undefined) return done("", errno);
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
  const errno = unchangeable(files, file) ?? (file.isActiveSwap ? "ETXTBSY" : undefined);
  if (errno !== undefined) return done("", errno);
  if (mode === "punch-hole") {
    files.punch(file, from, Math.min(to, file.size));
    return done(`took ${to - from} pages out`);
  }
  if (mode !== "allocate") return done("", "EOPNOTSUPP");
  if (to > file.size && !files.resize(file, to)) return done("", "ENOSPC");
  files.allocate(file, from, to);
  return done(`has ${to - from} pages`);
}

function link(files: NfsFiles, file: NfsFile, target: string): OperationResult {
  if (files.find(target)) return done("", "EEXIST");
  const errno = unchangeable(files, file);
  if (errno !== undefined) return done("", errno);
  files.addName(file, target);
  return done(`${target} is another name of ${file.path}`);
}

/** may_delete: neither the file itself nor one in whose place it comes may be active swap. */
function rename(files: NfsFiles, path: string, target: string): OperationResult {
  const file = files.find(path);
  if (!file) return done("", "ENOENT");
  if (files.readOnly) return done("", "EROFS");
  const replaced = files.find(target);
  if (file.isActiveSwap || replaced?.isActiveSwap) return done("", "EPERM");
  if (replaced === file) return done("both names are one file");
  if (replaced) files.dropName(replaced, target);
  files.addName(file, target);
  files.dropName(file, path);
  return done(`${path} is ${target}`);
}

/** unlink(2); a name of an active swap file stays (may_delete). */
export function unlink(files: NfsFiles, path: string): OperationResult {
  const file = files.find(path);
  if (!file) return { errno: "ENOENT", achieved: `there is no ${path}`, skipped: [] };
  if (files.readOnly) return done("", "EROFS");
  if (file.isActiveSwap) {
    return { ...done("", "EPERM"), skipped: [{ what: path, reason: "an active swap file" }] };
  }
  files.dropName(file, path);
  return done(`removed ${path}`);
}

/** The mount as the client sees it: in use as long as a swap file holds it. */
export function mountOperations(files: NfsFiles): MountOperations {
  const unsupported = (what: string): Actor<OperationResult> => answering(what, () => done("", "EOPNOTSUPP"));
  return {
    remount: (readOnly) => answering("nfs_reconfigure", () => remount(files, readOnly)),
    setMountOption: () => unsupported("nfs_reconfigure"),
    setProperty: () => unsupported("ioctl"),
    umount: (lazy) => answering("umount", () => umount(files, lazy)),
    freeze: () => unsupported("freeze_super"),
    thaw: () => unsupported("thaw_super"),
    abortTransaction: () => unsupported("abort"),
  };
}

function remount(files: NfsFiles, readOnly: boolean): OperationResult {
  if (readOnly && files.anyActive()) return done("", "EBUSY");
  files.readOnly = readOnly;
  return done(readOnly ? "mounted read-only" : "mounted read-write");
}

function umount(files: NfsFiles, lazy: boolean): OperationResult {
  const isBusy = files.anyActive();
  if (isBusy && !lazy) return done("", "EBUSY");
  files.detached = true;
  return done(isBusy ? "detached; it stays alive while a swap file is open" : "unmounted");
}
