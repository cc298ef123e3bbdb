import { type Actor, PAGE_SIZE, type Pages, pagesOf, step } from "../../engine/index.ts";
import type {
  ByteRange,
  FallocateMode,
  FileAccess,
  FileOperations,
  OperationResult,
} from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle } from "../file-handle.ts";
import type { Ext4File } from "./file.ts";
import { fillHoles, writeFile } from "./file-io.ts";
import type { Volume } from "./volume.ts";

/** What a change of a file is refused for, in the order in which Linux 6.1 asks. */
type Rule = (volume: Volume, file: Ext4File) => Errno | undefined;

const gone: Rule = (_volume, file) => (file.linked ? undefined : "ENOENT");
/** mnt_want_write. */
const readOnly: Rule = (volume) => (volume.readOnly ? "EROFS" : undefined);
/** may_open, vfs_fallocate, notify_change. */
const immutable: Rule = (_volume, file) => (file.flags.has("i") ? "EPERM" : undefined);
const appendOnly: Rule = (_volume, file) => (file.flags.has("a") ? "EPERM" : undefined);
/** generic_write_checks, inode_newsize_ok, vfs_fallocate, generic_copy_file_checks, do_mmap: IS_SWAPFILE. */
const activeSwap: Rule = (_volume, file) => (file.isActiveSwap ? "ETXTBSY" : undefined);
/** may_delete. */
const keepsName: Rule = (_volume, file) => (file.isActiveSwap ? "EPERM" : undefined);

const CHANGES: readonly Rule[] = [gone, readOnly, immutable];

/** Letters that ext4_fileattr_set takes; the others are refused with EOPNOTSUPP. */
const FLAGS = "iaAcSdjestDTtuPF";

/** File operations of ext4 as far as swap meets them. */
export function fileOperations(volume: Volume): FileOperations {
  const of = (file: FileHandle): Ext4File => volume.inodeOf(file);
  return {
    create: (path) => create(volume, path),
    access: (file, kind) => access(volume, of(file), kind),
    truncate: (file, size) => truncate(volume, of(file), size),
    fallocate: (file, mode, range) => fallocate(volume, of(file), mode, range),
    copyRange: (source, target, range) => copyRange(volume, of(source), of(target), range),
    cloneRange: () => unsupported("ext4 cannot share blocks"),
    dedupe: () => unsupported("ext4 cannot share blocks"),
    link: (file, target) => link(volume, of(file), target),
    rename: (path, target) => rename(volume, path, target),
    chattr: (file, change) => chattr(volume, of(file), change),
    setCompression: () => unsupported("ext4 does not compress"),
  };
}

function refusal(volume: Volume, file: Ext4File, rules: readonly Rule[]): Errno | undefined {
  for (const rule of rules) {
    const errno = rule(volume, file);
    if (errno) return errno;
  }
  return undefined;
}

function answer(errno: Errno | undefined, achieved: string): OperationResult {
  return { errno, achieved: errno === undefined ? achieved : "nothing", skipped: [] };
}

function* unsupported(why: string): Actor<OperationResult> {
  yield step("vfs_ioctl");
  return { errno: "EOPNOTSUPP", achieved: why, skipped: [] };
}

function* create(volume: Volume, path: string): Actor<OperationResult> {
  yield step("ext4_create", volume);
  if (volume.lookup(path)) return answer("EEXIST", "");
  if (volume.readOnly) return answer("EROFS", "");
  volume.addFile(path, 0);
  return answer(undefined, `made ${path}`);
}

function* access(volume: Volume, file: Ext4File, kind: FileAccess): Actor<OperationResult> {
  yield step(kind, file);
  const rules: Readonly<Record<FileAccess, readonly Rule[]>> = {
    "open for writing": [...CHANGES, appendOnly],
    "map shared": [...CHANGES, appendOnly, activeSwap],
    "store through an old mapping": [activeSwap],
    "set attributes": CHANGES,
    "write without waiting": [...CHANGES, appendOnly, activeSwap],
  };
  const errno = refusal(volume, file, rules[kind]);
  // The page is made writable in a fault, which can only end in a signal.
  const isSignal = kind === "store through an old mapping" && errno !== undefined;
  return answer(isSignal ? "SIGBUS" : errno, `${kind}: allowed`);
}

function* truncate(volume: Volume, file: Ext4File, bytes: number): Actor<OperationResult> {
  const size = pagesOf(bytes);
  yield* file.lock.lockExclusive("ext4_setattr: inode lock");
  const shrinks: Rule = (...about) => (size <= file.size ? activeSwap(...about) : undefined);
  const errno = refusal(volume, file, [...CHANGES, appendOnly, shrinks]);
  if (errno === undefined) {
    if (size < file.size) {
      volume.freeRange(file, size, file.size - size);
      volume.context.observer.removed(file.owner, size, file.size - size);
    }
    file.size = size;
    volume.journal.start();
  }
  file.lock.unlockExclusive();
  return answer(errno, `the file has ${size} blocks`);
}

function* fallocate(
  volume: Volume,
  file: Ext4File,
  mode: FallocateMode,
  { from, to }: ByteRange,
): Actor<OperationResult> {
  yield* file.lock.lockExclusive("ext4_fallocate: inode lock");
  const first = Math.floor(from / PAGE_SIZE);
  const count = Math.ceil(to / PAGE_SIZE) - first;
  const errno =
    refusal(volume, file, [...CHANGES, appendOnly, activeSwap]) ??
    fallocateLocked(volume, file, mode, first, count);
  file.lock.unlockExclusive();
  return answer(errno, `${mode} of ${count} blocks`);
}

function fallocateLocked(
  volume: Volume,
  file: Ext4File,
  mode: FallocateMode,
  first: Pages,
  count: Pages,
): Errno | undefined {
  const end = first + count;
  if (mode === "collapse" || mode === "insert") return shift(volume, file, mode, first, count);
  if (mode === "punch-hole" || mode === "zero-range") {
    const inside = Math.min(end, file.size) - first;
    if (inside > 0) {
      volume.freeRange(file, first, inside);
      volume.context.observer.removed(file.owner, first, inside);
    }
    if (mode === "punch-hole") return undefined;
  }
  const errno = fillHoles(volume, file, first, count);
  if (errno === undefined && mode !== "keep-size") file.size = Math.max(file.size, end);
  return errno;
}

/** FALLOC_FL_COLLAPSE_RANGE and INSERT_RANGE: what lies behind the range moves to another place in the file. */
function shift(
  volume: Volume,
  file: Ext4File,
  mode: "collapse" | "insert",
  first: Pages,
  count: Pages,
): Errno | undefined {
  if (first + (mode === "collapse" ? count : 0) >= file.size) return "EINVAL";
  const { observer } = volume.context;
  if (mode === "collapse") volume.freeRange(file, first, count);
  const behind = mode === "collapse" ? first + count : first;
  const by = mode === "collapse" ? -count : count;
  const moved = file.extents.remove(behind, file.size - behind);
  for (const extent of moved) file.extents.insert({ ...extent, first: extent.first + by });
  observer.removed(file.owner, first, file.size - first);
  for (const { first: index, count: blocks, block, written } of moved) {
    if (!written) continue;
    for (let offset = 0; offset < blocks; offset++) {
      observer.wrote(file.owner, index + by + offset, 1, volume.device.contents.generationAt(block + offset));
    }
  }
  file.size += by;
  return undefined;
}

/** copy_file_range without sharing: splice, which ends here as reads and fresh writes. */
function* copyRange(
  volume: Volume,
  source: Ext4File,
  target: Ext4File,
  { from, to }: ByteRange,
): Actor<OperationResult> {
  yield step("vfs_copy_file_range", source);
  const errno =
    refusal(volume, target, [...CHANGES, activeSwap]) ?? refusal(volume, source, [gone, activeSwap]);
  if (errno !== undefined) return answer(errno, "");
  const first = Math.floor(from / PAGE_SIZE);
  const count = Math.min(Math.ceil(to / PAGE_SIZE), source.size) - first;
  if (count <= 0) return answer(undefined, "nothing to copy");
  target.size = Math.max(target.size, first + count);
  const written = yield* writeFile(volume, target, first, count);
  return answer(written, `copied ${count} blocks`);
}

function* link(volume: Volume, file: Ext4File, target: string): Actor<OperationResult> {
  yield step("ext4_link", file);
  if (volume.lookup(target)) return answer("EEXIST", "");
  const errno = refusal(volume, file, CHANGES);
  if (errno === undefined) volume.addName(file, target);
  return answer(errno, `${target} is ${file.path}`);
}

function* rename(volume: Volume, path: string, target: string): Actor<OperationResult> {
  yield step("ext4_rename", volume);
  const file = volume.lookup(path);
  if (!file) return answer("ENOENT", "");
  const victim = volume.lookup(target);
  const rules = [...CHANGES, keepsName];
  const errno = refusal(volume, file, rules) ?? (victim && refusal(volume, victim, rules));
  if (errno !== undefined || victim === file) return answer(errno, "both names are one file");
  if (victim) volume.dropName(victim, target);
  volume.dropName(file, path, target);
  return answer(undefined, `${path} is ${target}`);
}

/** Blocks that an inode without extents names itself (EXT4_NDIR_BLOCKS). */
const DIRECT_BLOCKS: Pages = 12;

/** ext4_ind_migrate turns only the smallest files back: one extent among the direct blocks. */
function fitsIndirectBlocks(file: Ext4File): boolean {
  return file.extents.length <= 1 && file.size <= DIRECT_BLOCKS;
}

function* chattr(volume: Volume, file: Ext4File, change: string): Actor<OperationResult> {
  yield step("ext4_fileattr_set", file);
  const [, sign, letter] = /^([+-])([A-Za-z])$/.exec(change) ?? [];
  if (letter === undefined) return answer("EINVAL", "");
  if (volume.readOnly) return answer("EROFS", "");
  if (!FLAGS.includes(letter)) return answer("EOPNOTSUPP", "");
  if (letter === "e" && sign === "-" && !fitsIndirectBlocks(file)) return answer("EOPNOTSUPP", "");
  volume.journal.start();
  if (sign === "+") file.flags.add(letter);
  else file.flags.delete(letter);
  return answer(undefined, `${change} on ${file.path}`);
}
