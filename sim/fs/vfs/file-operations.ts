import { type Actor, PAGE_SIZE, type Pages, pagesOf, step } from "../../engine/index.ts";
import type {
  ByteRange,
  FallocateMode,
  FileAccess,
  FileOperations,
  OperationResult,
} from "../administration.ts";
import type { Inode } from "./inode.ts";
import type { MountedVolume } from "./mounted-volume.ts";
import { activeSwap, answer, appendOnly, CHANGES, gone, keepsName, type Rule, refusal } from "./rules.ts";

/** File operations as far as swap meets them, of a filesystem that cannot share blocks. */
export function fileOperations<File extends Inode>(volume: MountedVolume<File>): FileOperations {
  const share = (): Actor<OperationResult> => unsupported(`${volume.type} cannot share blocks`);
  return {
    create: (path) => create(volume, path),
    access: (file, kind) => access(volume, volume.inodeOf(file), kind),
    truncate: (file, size) => truncate(volume, volume.inodeOf(file), size),
    fallocate: (file, mode, range) => fallocate(volume, volume.inodeOf(file), mode, range),
    copyRange: (source, target, range) =>
      copyRange(volume, volume.inodeOf(source), volume.inodeOf(target), range),
    cloneRange: share,
    dedupe: share,
    link: (file, target) => link(volume, volume.inodeOf(file), target),
    rename: (path, target) => rename(volume, path, target),
    chattr: (file, change) => chattr(volume, volume.inodeOf(file), change),
    setCompression: () => unsupported(`${volume.type} does not compress`),
  };
}

function* unsupported(why: string): Actor<OperationResult> {
  yield step("vfs_ioctl");
  return { errno: "EOPNOTSUPP", achieved: why, skipped: [] };
}

function* create<File extends Inode>(volume: MountedVolume<File>, path: string): Actor<OperationResult> {
  yield step(`${volume.type}_create`, volume);
  if (volume.namespace.lookup(path)) return answer("EEXIST", "");
  if (volume.readOnly) return answer("EROFS", "");
  const full = volume.mayAddFile();
  if (full) return answer(full, "");
  volume.addFile(path);
  return answer(undefined, `made ${path}`);
}

const ACCESS: Readonly<Record<FileAccess, readonly Rule[]>> = {
  "open for writing": [...CHANGES, appendOnly],
  "map shared": [...CHANGES, appendOnly, activeSwap],
  "store through an old mapping": [activeSwap],
  "set attributes": CHANGES,
  "write without waiting": [...CHANGES, appendOnly, activeSwap],
};

function* access<File extends Inode>(
  volume: MountedVolume<File>,
  file: File,
  kind: FileAccess,
): Actor<OperationResult> {
  yield step(kind, file);
  const errno = refusal(volume, file, ACCESS[kind]);
  // The page is made writable in a fault, which can only end in a signal.
  const isSignal = kind === "store through an old mapping" && errno !== undefined;
  return answer(isSignal ? "SIGBUS" : errno, `${kind}: allowed`);
}

function* truncate<File extends Inode>(
  volume: MountedVolume<File>,
  file: File,
  bytes: number,
): Actor<OperationResult> {
  const size = pagesOf(bytes);
  yield* file.lock.lockExclusive(`${volume.type}_setattr: inode lock`);
  const shrinks: Rule = (...about) => (size <= file.size ? activeSwap(...about) : undefined);
  const errno = refusal(volume, file, [...CHANGES, appendOnly, shrinks]);
  if (errno === undefined) {
    yield* volume.waitForReaders(file);
    // Blocks may lie behind the end, even of a file that keeps its size.
    const end = volume.endOf(file);
    if (size < end) volume.freeRange(file, size, end - size);
    if (size < file.size) {
      volume.context.observer.removed(file.owner, size, file.size - size);
    }
    file.size = size;
    volume.changed(file);
  }
  file.lock.unlockExclusive();
  return answer(errno, `the file has ${size} blocks`);
}

function* fallocate<File extends Inode>(
  volume: MountedVolume<File>,
  file: File,
  mode: FallocateMode,
  range: ByteRange,
): Actor<OperationResult> {
  yield* file.lock.lockExclusive(`${volume.type}_fallocate: inode lock`);
  yield* volume.waitForReaders(file);
  const errno =
    refusal(volume, file, [...CHANGES, appendOnly, activeSwap]) ??
    (yield* volume.fallocateLocked(file, mode, range));
  file.lock.unlockExclusive();
  return answer(errno, `${mode} of ${pagesWith(range).count} blocks`);
}

/** The pages of a file that a range of its bytes touches. */
export function pagesWith({ from, to }: ByteRange): { readonly first: Pages; readonly count: Pages } {
  const first = Math.floor(from / PAGE_SIZE);
  return { first, count: pagesOf(to) - first };
}

/** copy_file_range without sharing: splice, which ends here as reads and fresh writes. */
function* copyRange<File extends Inode>(
  volume: MountedVolume<File>,
  source: File,
  target: File,
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
  const written = yield* volume.write(target, first, count);
  return answer(written, `copied ${count} blocks`);
}

function* link<File extends Inode>(
  volume: MountedVolume<File>,
  file: File,
  target: string,
): Actor<OperationResult> {
  yield step(`${volume.type}_link`, file);
  if (volume.namespace.lookup(target)) return answer("EEXIST", "");
  const errno = refusal(volume, file, CHANGES);
  if (errno === undefined) volume.addName(file, target);
  return answer(errno, `${target} is ${file.path}`);
}

function* rename<File extends Inode>(
  volume: MountedVolume<File>,
  path: string,
  target: string,
): Actor<OperationResult> {
  yield step(`${volume.type}_rename`, volume);
  const file = volume.namespace.lookup(path);
  if (!file) return answer("ENOENT", "");
  const victim = volume.namespace.lookup(target);
  const rules = [...CHANGES, keepsName];
  const errno = refusal(volume, file, rules) ?? (victim && refusal(volume, victim, rules));
  if (errno !== undefined || victim === file) return answer(errno, "both names are one file");
  if (!victim) {
    volume.dropName(file, path, target);
    return answer(undefined, `${path} is ${target}`);
  }
  yield* victim.lock.lockExclusive("vfs_rename: inode lock of the target");
  yield* volume.waitForReaders(victim);
  const late = replaced(volume, { path, file, target, victim });
  victim.lock.unlockExclusive();
  return late ?? answer(undefined, `${path} is ${target}`);
}

/** One name takes the place of another, unless that has changed while its lock was waited for. */
function replaced<File extends Inode>(
  volume: MountedVolume<File>,
  names: { readonly path: string; readonly file: File; readonly target: string; readonly victim: File },
): OperationResult | undefined {
  const { path, file, target, victim } = names;
  const { namespace } = volume;
  if (namespace.lookup(path) !== file || namespace.lookup(target) !== victim) return answer("ENOENT", "");
  const rules = [...CHANGES, keepsName];
  const errno = refusal(volume, file, rules) ?? refusal(volume, victim, rules);
  if (errno !== undefined) return answer(errno, "");
  const { size } = victim;
  volume.dropName(victim, target);
  if (!victim.linked) volume.context.observer.removed(victim.owner, 0, size);
  volume.dropName(file, path, target);
  return undefined;
}

function* chattr<File extends Inode>(
  volume: MountedVolume<File>,
  file: File,
  change: string,
): Actor<OperationResult> {
  yield step(`${volume.type}_fileattr_set`, file);
  const [, sign, letter] = /^([+-])([A-Za-z])$/.exec(change) ?? [];
  if (letter === undefined) return answer("EINVAL", "");
  if (volume.readOnly) return answer("EROFS", "");
  const errno = volume.flags.includes(letter) ? volume.refusesFlag(file, change) : "EOPNOTSUPP";
  if (errno !== undefined) return answer(errno, "");
  volume.changed(file);
  if (sign === "+") file.flags.add(letter);
  else file.flags.delete(letter);
  return answer(undefined, `${change} on ${file.path}`);
}

/** Removes a name. Nobody but an active swap area keeps files open here, so the last one takes the blocks along. */
export function* unlink<File extends Inode>(
  volume: MountedVolume<File>,
  path: string,
  operation: string,
): Actor<OperationResult> {
  const file = volume.namespace.lookup(path);
  if (!file) return { errno: "ENOENT", achieved: `there is no ${path}`, skipped: [] };
  yield* file.lock.lockExclusive("vfs_unlink: inode lock");
  yield* volume.waitForReaders(file);
  const result = unlinkLocked(volume, file, path, operation);
  file.lock.unlockExclusive();
  return result;
}

function unlinkLocked<File extends Inode>(
  volume: MountedVolume<File>,
  file: File,
  path: string,
  operation: string,
): OperationResult {
  const { owner, size } = file;
  const { observer } = volume.context;
  if (!file.linked) return { errno: "ENOENT", achieved: `there is no ${path}`, skipped: [] };
  if (volume.readOnly) return answer("EROFS", "");
  if (file.isActiveSwap) {
    const reason = "may_delete answered EPERM: active swap file";
    observer.relocated(owner, 0, size, "refused", operation, reason);
    return { errno: "EPERM", achieved: "nothing", skipped: [{ what: path, reason }] };
  }
  const blocks = volume.blocksOf(file);
  volume.dropName(file, path);
  if (file.linked) return answer(undefined, `removed ${path}, the file has other names`);
  observer.removed(owner, 0, size);
  return answer(undefined, `removed ${path}, ${blocks} blocks freed`);
}
