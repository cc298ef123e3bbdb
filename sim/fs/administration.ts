import type { BlockDevice } from "../block/index.ts";
import type { Actor, Bytes } from "../engine/index.ts";
import type { Errno } from "./errno.ts";
import type { FileHandle } from "./file-handle.ts";

/** What an operation left alone, and why. */
export interface Skipped {
  readonly what: string;
  readonly reason: string;
}

/** What a maintenance operation achieved. */
export interface OperationResult {
  readonly errno: Errno | undefined;
  /** One sentence for people: "relocated 3 of 5 chunks, 1.2 GiB". */
  readonly achieved: string;
  readonly skipped: readonly Skipped[];
}

/** [from, to) in bytes. */
export interface ByteRange {
  readonly from: Bytes;
  readonly to: Bytes;
}

/** Which chunks a balance looks at, and what they become. A chunk must pass all filters. */
export interface BalanceFilters {
  readonly type: "data" | "metadata" | "system" | "all";
  /** Only chunks of these profiles. */
  readonly profiles?: readonly string[];
  /** Only block groups used less than this many percent, and at least `usageMin`. */
  readonly usage?: number;
  readonly usageMin?: number;
  /** Only chunks with a stripe on this device; `drange` then is a range of it. */
  readonly devid?: number;
  readonly drange?: ByteRange;
  /** Only chunks that meet these logical addresses. */
  readonly vrange?: ByteRange;
  /** Only block groups that hold extents of this file. */
  readonly vrangeOf?: FileHandle;
  /** Only chunks with this many stripes; both ends count. */
  readonly stripes?: { readonly from: number; readonly to: number };
  /** At most this many chunks. */
  readonly limit?: number;
  /** The profile they get, and whether chunks that have it already are left alone. */
  readonly convert?: string;
  readonly soft?: boolean;
  /** Also if metadata loses redundancy, or only system chunks are asked for. */
  readonly force?: boolean;
}

type Running = Actor<OperationResult>;

/** What can be done to the devices and chunks of a filesystem. `operation` names the timeline step. */
export interface VolumeOperations {
  balance(filters: BalanceFilters, operation: string): Running;
  pauseBalance(): Running;
  resumeBalance(operation: string): Running;
  cancelBalance(): Running;
  addDevice(device: BlockDevice, operation: string): Running;
  removeDevice(device: BlockDevice, operation: string): Running;
  replaceDevice(source: BlockDevice, target: BlockDevice, operation: string): Running;
  resizeDevice(device: BlockDevice, size: Bytes, operation: string): Running;
  cancelResize(): Running;
  scrub(operation: string): Running;
  /** The device stops answering, now and for good; what has a copy elsewhere goes on. */
  loseDevice(device: BlockDevice, operation: string): Running;
}

/** What can be done to subvolumes. */
export interface SubvolumeOperations {
  create(path: string, operation: string): Running;
  /** The first of two steps: the cleaner drops the tree after the next commit. */
  delete(path: string, operation: string): Running;
  snapshot(subvolume: string, target: string, readOnly: boolean, operation: string): Running;
  /** Ends when the cleaner has dropped every deleted subvolume. */
  waitForCleaner(): Running;
  /** The property btrfs.compression of its top directory: files made there get it. */
  setCompression(path: string, method: string, operation: string): Running;
  setReadOnly(path: string, readOnly: boolean, operation: string): Running;
  /** Reads every file of a read-only subvolume. */
  send(path: string, operation: string): Running;
}

/** Calls of which only the answer matters. */
export type FileAccess =
  | "open for writing"
  | "map shared"
  | "store through an old mapping"
  | "set attributes"
  | "write without waiting";

export type FallocateMode = "allocate" | "keep-size" | "punch-hole" | "zero-range" | "collapse" | "insert";

/** What can be done to files, beyond reading and writing. */
export interface FileOperations {
  /** An empty file. */
  create(path: string, nocow: boolean, operation: string): Running;
  /** `range` is that of a write; left out: the whole file. */
  access(file: FileHandle, kind: FileAccess, operation: string, range?: ByteRange): Running;
  /** write(2) of less than a block into an empty file. Left out: a block of its own for whatever there is. */
  writeSmall?(file: FileHandle, bytes: Bytes): Actor<Errno | undefined>;
  truncate(file: FileHandle, size: Bytes, operation: string): Running;
  fallocate(file: FileHandle, mode: FallocateMode, range: ByteRange, operation: string): Running;
  copyRange(source: FileHandle, target: FileHandle, range: ByteRange, operation: string): Running;
  /** Blocks of both files become the same ones; both must have checksums, or neither. */
  cloneRange(source: FileHandle, target: FileHandle, range: ByteRange, operation: string): Running;
  link(file: FileHandle, target: string, operation: string): Running;
  rename(path: string, target: string, operation: string): Running;
  dedupe(source: FileHandle, target: FileHandle, operation: string): Running;
  /** One flag set or cleared: `+C`, `-i`. */
  chattr(file: FileHandle, change: string, operation: string): Running;
  /** The property btrfs.compression; empty: none. */
  setCompression(file: FileHandle, method: string, operation: string): Running;
}

/** What can be done to a filesystem that is a log. */
export interface GarbageCollection {
  /** Empties one section; in the background only what is worth its while. */
  collect(foreground: boolean, operation: string): Running;
  /** The file is written in place and not moved, or it is like the others again. */
  pin(file: FileHandle, pinned: boolean): Running;
}

/** Copies an answer into the memory of a program, which may be swapped out. */
export type CopyToUser = () => Actor;

/** What tools ask a filesystem about itself. */
export interface FilesystemQueries {
  /** Number of extents of the file. */
  fiemap(file: FileHandle, copyToUser: CopyToUser): Actor<number>;
  /** Number of items found in the trees. */
  searchTree(copyToUser: CopyToUser): Actor<number>;
}

/** What can be done to the mount. */
export interface MountOperations {
  remount(readOnly: boolean, operation: string): Running;
  /** A mount option that changes what files are made or written like. */
  setMountOption(option: string): Running;
  /** Writes a property of the filesystem that swap never meets: its label, the default subvolume, quota. */
  setProperty(what: string, operation: string): Running;
  umount(lazy: boolean, operation: string): Running;
  freeze(): Running;
  thaw(): Running;
  /** A fault to inject: the running transaction ends with this error, and the filesystem is read-only. */
  abortTransaction(errno: "EIO" | "ENOSPC"): Running;
}
