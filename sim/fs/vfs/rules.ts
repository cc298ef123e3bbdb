import type { OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { Inode } from "./inode.ts";

/** What the VFS needs to know of a mount before it lets a file be changed. */
interface Mount {
  readonly readOnly: boolean;
}

/** What a change of a file is refused for. */
export type Rule = (mount: Mount, file: Inode) => Errno | undefined;

export const gone: Rule = (_mount, file) => (file.linked ? undefined : "ENOENT");
/** mnt_want_write. */
const readOnly: Rule = (mount) => (mount.readOnly ? "EROFS" : undefined);
/** may_open, vfs_fallocate, notify_change. */
const immutable: Rule = (_mount, file) => (file.flags.has("i") ? "EPERM" : undefined);
export const appendOnly: Rule = (_mount, file) => (file.flags.has("a") ? "EPERM" : undefined);
/** generic_write_checks, inode_newsize_ok, vfs_fallocate, generic_copy_file_checks, do_mmap: IS_SWAPFILE. */
export const activeSwap: Rule = (_mount, file) => (file.isActiveSwap ? "ETXTBSY" : undefined);
/** may_delete. */
export const keepsName: Rule = (_mount, file) => (file.isActiveSwap ? "EPERM" : undefined);

/** What every change is refused for, in the order in which Linux 6.1 asks. */
export const CHANGES: readonly Rule[] = [gone, readOnly, immutable];

/** What write(2) is refused for; the last two by the open before it. */
const WRITE: readonly Rule[] = [gone, activeSwap, readOnly, immutable];

export function refusesWrite(mount: Mount, file: Inode): Errno | undefined {
  return refusal(mount, file, WRITE);
}

/** The first reason to refuse. */
export function refusal(mount: Mount, file: Inode, rules: readonly Rule[]): Errno | undefined {
  for (const rule of rules) {
    const errno = rule(mount, file);
    if (errno) return errno;
  }
  return undefined;
}

export function answer(errno: Errno | undefined, achieved: string): OperationResult {
  return { errno, achieved: errno === undefined ? achieved : "nothing", skipped: [] };
}
