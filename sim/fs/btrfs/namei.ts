import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import type { FsInfo } from "./fs-info.ts";
import { Inode } from "./inode.ts";
import { underBothLocks, underInodeLock } from "./inode-lock.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import { evictInode } from "./orphans.ts";
import { DirEntry, type InodeFlags, InodeItem, InodeRef, NO_FLAGS } from "./tree-item.ts";

/** A new inode under a path that is free. */
export function createInode(
  info: FsInfo,
  path: string,
  shape: { size: Pages; flags: InodeFlags; kind?: "file" | "snapshot-file" },
): Inode {
  const subvolume = info.subvolumeOf(path);
  const item = new InodeItem(subvolume.nextIno++, shape.size, shape.flags);
  const owner = info.context.owners.add(shape.kind ?? "file", path).id;
  const inode = new Inode(info.context.engine, { item, owner, subvolume, path });
  subvolume.inodes.set(inode.ino, inode);
  subvolume.tree.insert(item);
  addName(inode, subvolume.nameOf(path));
  return inode;
}

/** btrfs_add_link: a name, with its reference in the inode's items and its entry in the directory's. */
export function addName(inode: Inode, name: string): void {
  const { subvolume } = inode;
  const index = subvolume.nextIndex++;
  inode.names.set(name, index);
  subvolume.names.set(name, inode);
  subvolume.tree.insert(new InodeRef(inode.ino, name, index));
  subvolume.tree.insert(new DirEntry(name, index));
}

/** btrfs_unlink_inode: the name goes, the inode stays. */
function dropName(inode: Inode, name: string): void {
  const { subvolume } = inode;
  const { tree } = subvolume;
  const index = inode.names.get(name)!;
  inode.names.delete(name);
  subvolume.names.delete(name);
  tree.delete(tree.get(new InodeRef(inode.ino, name, index).key)!);
  tree.delete(tree.get(new DirEntry(name, index).key)!);
}

/** unlink and last close: the references go, the space is pinned until the commit. */
export function* unlink(info: FsInfo, path: string, operation: string): Actor<OperationResult> {
  yield step("btrfs_unlink", info);
  const inode = info.lookup(path);
  if (!inode) return failed("ENOENT", `there is no ${path}`);
  return yield* underInodeLock(info, inode, unlinkLocked(info, inode, path, operation));
}

function* unlinkLocked(info: FsInfo, inode: Inode, path: string, operation: string): Actor<OperationResult> {
  const refused = yield* refusalOf(info, "unlink", { inode, operation });
  if (refused) return refused;
  const errno = yield* info.metadata.reserveFromGlobal();
  if (errno !== undefined) return failed(errno);
  if (info.lookup(path) !== inode) return failed("ENOENT", `there is no ${path} any more`);
  dropName(inode, inode.subvolume.nameOf(path));
  if (inode.names.size > 0) return done(`removed ${path}, the file has other names`);
  yield* lastNameGone(info, inode);
  return done(`removed ${path}`);
}

/** iput after the last name: the data goes now, or in the background. */
function* lastNameGone(info: FsInfo, inode: Inode): Actor {
  inode.evicting = true;
  if (info.options.deferredFree > 0) info.inactivation.add(inode);
  else yield* evictInode(info, inode);
}

/** open(O_CREAT): an empty file; chattr +C works while it is empty. */
export function* create(
  info: FsInfo,
  path: string,
  nocow: boolean,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_create", info);
  if (info.lookup(path)) return failed("EEXIST", `${path} exists`);
  const subvolume = info.subvolumeOf(path);
  const refused = yield* refusalOf(info, "create", { subvolume, operation });
  if (refused) return refused;
  // btrfs_new_inode_args: mount options count for every new file.
  const { nodatacow, nodatasum } = info.mountFlags;
  const isNocow = nocow || nodatacow;
  const inherited = isNocow ? NO_FLAGS : subvolume.directoryFlags;
  const flags = { ...inherited, nocow: isNocow, nodatasum: nocow || nodatasum };
  createInode(info, path, { size: 0, flags });
  return done(`made ${path}`);
}

/** link(2): a second name in the same subvolume. */
export function* link(info: FsInfo, inode: Inode, target: string, operation: string): Actor<OperationResult> {
  yield step("btrfs_link", info);
  if (info.lookup(target)) return failed("EEXIST", `${target} exists`);
  const subvolume = info.subvolumeOf(target);
  const refused = yield* refusalOf(info, "link", { inode, subvolume, operation });
  if (refused) return refused;
  if (subvolume !== inode.subvolume) return failed("EXDEV", "another subvolume");
  addName(inode, inode.subvolume.nameOf(target));
  return done(`${target} is ${inode.path}`);
}

/** rename(2) of a file, also over another one. The kernel holds the directories; here changed names are looked up again. */
export function* rename(
  info: FsInfo,
  path: string,
  target: string,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_rename", info);
  for (;;) {
    const inode = info.lookup(path);
    if (!inode) return failed("ENOENT", `there is no ${path}`);
    const victim = info.lookup(target);
    const run = renameLocked(info, { inode, victim, path, target }, operation);
    const result = yield* underBothLocks(info, [inode, victim ?? inode], run);
    if (result) return result;
  }
}

/** Two names and what they lead to. */
interface Renamed {
  readonly inode: Inode;
  readonly path: string;
  readonly target: string;
  /** The file that loses its name to the renamed one. */
  readonly victim: Inode | undefined;
}

/** vfs_rename: two names of one file are left alone; else one name goes, and another goes or comes about. */
function* refusalOfRename(
  info: FsInfo,
  { inode, victim, target }: Renamed,
  operation: string,
): Actor<OperationResult | undefined> {
  if (victim === inode) return yield* refusalOf(info, "rename onto itself", { inode, operation });
  const refused = yield* refusalOf(info, "rename", { inode, operation });
  if (refused) return refused;
  return victim
    ? yield* refusalOf(info, "rename", { inode: victim, operation })
    : yield* refusalOf(info, "create", { subvolume: info.subvolumeOf(target), operation });
}

/** Undefined: the names lead elsewhere by now. */
function* renameLocked(
  info: FsInfo,
  renamed: Renamed,
  operation: string,
): Actor<OperationResult | undefined> {
  const { inode, path, target, victim } = renamed;
  const refused = yield* refusalOfRename(info, renamed, operation);
  if (refused) return refused;
  if (victim === inode) return done("both names are the same file");
  if (info.subvolumeOf(target) !== inode.subvolume) return failed("EXDEV", "another subvolume");
  const errno = victim ? yield* info.metadata.reserveFromGlobal() : undefined;
  if (errno !== undefined) return failed(errno);
  if (info.lookup(path) !== inode || info.lookup(target) !== victim) return undefined;
  exchangeNames(renamed);
  if (victim?.names.size === 0) yield* lastNameGone(info, victim);
  return done(`${path} is ${target}`);
}

/** btrfs_rename: one transaction has both changes. The data of a file that lost its last name goes afterwards. */
function exchangeNames({ inode, path, target, victim }: Renamed): void {
  const { subvolume } = inode;
  dropName(inode, subvolume.nameOf(path));
  if (victim) dropName(victim, subvolume.nameOf(target));
  addName(inode, subvolume.nameOf(target));
}
