import { type Actor, type Pages, WaitQueue } from "../../engine/index.ts";
import type { ByteRange, FallocateMode } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle } from "../file-handle.ts";
import type { FsContext } from "../filesystem.ts";
import type { Inode } from "./inode.ts";
import { Namespace } from "./namespace.ts";

/** A mounted filesystem as the VFS sees it: names, the state of the mount, and what only the filesystem can do. */
export abstract class MountedVolume<File extends Inode> {
  /** As function names of the kernel begin: ext4, f2fs. */
  abstract readonly type: string;
  /** chattr letters that it takes; the others are refused with EOPNOTSUPP. */
  abstract readonly flags: string;
  /** Where it stops for good after an error, and what it says then. */
  abstract readonly stops: { readonly function: string; readonly message: string };
  readonly context: FsContext;
  readonly namespace: Namespace<File> = new Namespace();
  /** mount -o remount,ro; FIFREEZE; MNT_DETACH. */
  readOnly = false;
  frozen = false;
  detached = false;
  thawed: WaitQueue;

  constructor(context: FsContext) {
    this.context = context;
    this.thawed = new WaitQueue(context.engine, "thaw");
  }

  /** Why there is no room for one more file. */
  abstract mayAddFile(): Errno | undefined;
  /** Makes an empty file. */
  abstract addFile(path: string): File;
  /** A change of metadata joins what the next commit writes. */
  abstract changed(file?: File): void;
  /** Everything up to now is durable. */
  abstract commit(): Actor;
  /** Frees the blocks of [first, first + count). */
  abstract freeRange(file: File, first: Pages, count: Pages): void;
  /** One past the last block of the file, which may lie behind its size. */
  abstract endOf(file: File): Pages;
  /** Blocks that it has. */
  abstract blocksOf(file: File): Pages;
  abstract write(file: File, first: Pages, count: Pages): Actor<Errno | undefined>;
  /** The inode lock is held, and nobody refuses the change. */
  abstract fallocateLocked(file: File, mode: FallocateMode, range: ByteRange): Actor<Errno | undefined>;
  /** Why it does not change a flag that it knows. */
  abstract refusesFlag(file: File, change: string): Errno | undefined;

  /** After an error that it cannot get over: nothing changes any more. */
  stop(): void {
    this.readOnly = true;
  }

  /** Reads that do not take the inode lock have ended: blocks may go. */
  *waitForReaders(_file: File): Actor {}

  inodeOf(handle: FileHandle): File {
    return this.namespace.inodeOf(handle);
  }

  addName(file: File, name: string): void {
    this.changed(file);
    this.namespace.link(file, name);
  }

  /** One name goes, and the file with it if it was the last one; `renamed` takes its place. */
  dropName(file: File, name: string, renamed?: string): void {
    this.changed(file);
    if (renamed !== undefined) this.namespace.link(file, renamed);
    if (this.namespace.unlink(file, name)) this.freeRange(file, 0, this.endOf(file));
  }

  /** FIFREEZE holds writers here. */
  *waitForThaw(): Actor {
    while (this.frozen) yield this.thawed.wait("sb_start_write");
  }

  /** The mount after a power loss is a new one. */
  remounted(): void {
    this.readOnly = false;
    this.frozen = false;
    this.detached = false;
    this.thawed = new WaitQueue(this.context.engine, "thaw");
  }
}
