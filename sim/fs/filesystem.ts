import type { BlockContent, BlockDevice, GenerationCounter, OwnerId, OwnerTable } from "../block/index.ts";
import type { Actor, BlockNumber, Bytes, Engine, FailSlab, Pages, Processors } from "../engine/index.ts";
import type {
  FileOperations,
  FilesystemQueries,
  GarbageCollection,
  MountOperations,
  OperationResult,
  SubvolumeOperations,
  VolumeOperations,
} from "./administration.ts";
import type { FsCosts } from "./costs.ts";
import type { Errno } from "./errno.ts";
import type { DeviceBlock, FileHandle, FileSpec } from "./file-handle.ts";
import type { FilesystemMemory } from "./filesystem-memory.ts";
import type { Series2014 } from "./series-2014.ts";

/** One piece of a swap file as swapon found it: `count` slots from `slot` lie at `block` and after. */
export interface SwapExtent {
  readonly slot: number;
  /** The file's number of the first of these pages; left out: that of the slot, as where no page had to be left out. */
  readonly fileBlock?: Pages;
  readonly count: Pages;
  readonly device: BlockDevice;
  readonly block: BlockNumber;
}

/** A promise of the filesystem to a swap file that did not hold: a result, and no defect of the model. */
export interface BrokenPromise {
  /** No swap write lands on bytes of somebody else (I2); nothing is refused or kept without a reason (I6). */
  readonly invariant: "I2" | "I6";
  readonly what: string;
}

/** The answer of swapActivate. */
export type SwapActivation =
  | { readonly errno: Errno; readonly message: string }
  /** Extents to use directly; the filesystem has pinned whatever it must. */
  | { readonly errno: undefined; readonly extents: readonly SwapExtent[] };

/** What a read of one block found; it has no place if it was read without I/O. */
export interface FoundBlock {
  readonly content: BlockContent;
  readonly place: DeviceBlock | undefined;
}

/** Pages of a swap file that are read or written together; a write has contents, one entry a page. */
export interface SwapRequest {
  readonly operation: "read" | "write";
  readonly first: Pages;
  readonly pages: Pages;
  readonly contents?: readonly BlockContent[];
}

/** What a maintenance operation did to part of a swap file: the evidence the verdict rests on. */
export type Relocation = "moved" | "shared" | "refused" | "skipped";

/** What the filesystem tells whoever checks contents. Nothing here may change what the filesystem does. */
export interface FileObserver {
  /** Blocks [first, first + count) of the file now hold generation, generation + 1, … */
  wrote(file: OwnerId, first: Pages, count: Pages, generation: number): void;
  /** A reader got `found` for this block, from `place`. */
  read(file: OwnerId, block: Pages, found: BlockContent, place: DeviceBlock): void;
  /** `to` is a new name for the same contents as `from` has at this instant, blocks [first, first + count). */
  cloned(from: OwnerId, to: OwnerId, first: Pages, count: Pages): void;
  /** The file is gone, or these blocks of it are (they read as zeroes if it still exists). */
  removed(file: OwnerId, first: Pages, count: Pages): void;
  /** An operation met blocks [first, first + count) of a file and moved, shared or left them. */
  relocated(
    file: OwnerId,
    first: Pages,
    count: Pages,
    how: Relocation,
    operation: string,
    reason: string,
  ): void;
}

/** An observer that looks away, for tests of the filesystem alone. */
export const blindObserver: FileObserver = {
  wrote() {},
  read() {},
  cloned() {},
  removed() {},
  relocated() {},
};

/** What a filesystem needs of the machine. */
export interface FsContext {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly owners: OwnerTable;
  readonly generations: GenerationCounter;
  readonly observer: FileObserver;
  /** Kernel whose rules the filesystem follows; left out: linux-6.1. */
  readonly kernel?: string;
  /** Mechanisms broken on purpose. */
  readonly faults?: ReadonlySet<string>;
  /** Lets an allocation fail on purpose; left out: none does. */
  readonly failslab?: FailSlab;
  /** Where memory for the filesystem's own structures comes from; left out: there always is some. */
  readonly memory?: FilesystemMemory;
  /** CPU times of its steps; left out: the usual ones. */
  readonly costs?: FsCosts;
  /** One line of the simulated kernel log. */
  log(line: string): void;
}

/** Who refers to a block on a device right now. */
export interface Holder {
  readonly owner: OwnerId;
  /** The owner's own number of this block. */
  readonly index: number;
}

/** One region of a device for maps and reports. */
export interface Region {
  readonly block: BlockNumber;
  readonly count: Pages;
  readonly kind: "free" | "unallocated" | "data" | "metadata" | "pinned" | "reserved";
  /** Set if the region belongs to one file. */
  readonly owner: OwnerId | undefined;
}

/** A block group, as `btrfs balance` deals with it; addresses are logical, in bytes. */
export interface GroupLayout {
  readonly start: Bytes;
  readonly length: Bytes;
  readonly used: Bytes;
  /** Data or metadata or both, and how it is spread: "data|single". */
  readonly profile: string;
  readonly devices: readonly string[];
  /** An active swap file holds it. */
  readonly pinned: boolean;
}

/** A file as its extents lie. */
export interface FileLayout {
  readonly path: string;
  readonly size: Pages;
  readonly extents: number;
  /** Extents that somebody else refers to as well: a snapshot, a reflink. */
  readonly shared: number;
  /** Starts of the block groups they lie in, ascending. */
  readonly groups: readonly Bytes[];
}

/** Where things lie on a filesystem with block groups. */
export interface DiskLayout {
  readonly groups: readonly GroupLayout[];
  readonly files: readonly FileLayout[];
}

/** Space in bytes, as `btrfs filesystem usage` tells it. */
export interface SpaceReport {
  readonly size: Bytes;
  readonly dataUsed: Bytes;
  readonly dataAllocated: Bytes;
  readonly metadataUsed: Bytes;
  readonly metadataAllocated: Bytes;
  /** Freed in the running transaction, not reusable before its commit. */
  readonly pinned: Bytes;
  readonly unallocated: Bytes;
}

/**
 * Called with a written block, its place, and where other copies of it lie, if there are any; and with what a reader
 * gets, if that is not simply what lies there (compressed data).
 */
export type VisitBlock = (
  file: FileHandle,
  block: Pages,
  place: DeviceBlock,
  copies?: readonly DeviceBlock[],
  content?: BlockContent,
) => void;

/**
 * A mounted filesystem: the address-space operations as swap sees them, reads and writes of files, and the ioctls of
 * the timeline. What a type does not have (balance on ext4) is left out.
 *
 * Invariant: a filesystem does not know what a page fault is. Swap asks it for extents or hands it contents.
 */
export interface Filesystem {
  readonly type: string;
  readonly copyOnWrite: boolean;
  /**
   * The one device under the super block (ext4), known before any file is looked at. Left out where there is none
   * (btrfs): swapon then cannot tell that a swap file lies on a solid-state device.
   */
  readonly superBlockDevice?: BlockDevice;
  lookup(path: string): FileHandle | undefined;
  /** The path is a directory (as far as the model has any: subvolumes). */
  isDirectory?(path: string): boolean;
  /** The file has lost its last name; whoever has it open still holds it. */
  isGone?(file: FileHandle): boolean;
  /** The filesystem has claimed the device. */
  usesDevice?(device: BlockDevice): boolean;
  files(): readonly FileHandle[];
  /** Makes a file before the machine starts; takes no simulated time. */
  createFile(spec: FileSpec): Errno | FileHandle;
  /** Starts the filesystem's own threads (the transaction commit). */
  mount(): void;

  /** FIBMAP: where a file block lies, undefined for a hole. Physical addresses, also on btrfs (a declared counterfactual). */
  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined;
  /**
   * The inode's lock as swapon(2) holds it from the claim of the file to S_SWAPFILE: alone. Who took it calls what comes
   * back, to give the lock up.
   */
  lockInode(file: FileHandle): Actor<() => void>;
  /** read_folio: what a file block holds, read without the inode's lock; swapon reads the header under it. */
  readFolio(file: FileHandle, block: Pages): Actor<Errno | FoundBlock>;
  /** The filesystem's own activation with all its tests, under the inode's lock; the first `pages` pages of the file will be used. */
  swapActivate(file: FileHandle, pages: Pages): Actor<SwapActivation>;
  swapDeactivate(file: FileHandle): void;
  /**
   * S_SWAPFILE: swapon(2) sets it on the inode of every swap file and swapoff(2) clears it, whatever else the filesystem
   * does to protect the file (mm/swapfile.c). What the VFS refuses because of it is refused under every strategy.
   */
  setSwapFile(file: FileHandle, active: boolean): void;
  /** direct_IO with one kernel page: writes `content` to a file block. Resolves the mapping afresh. */
  directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined>;
  /** direct_IO with one kernel page: what the file block holds. */
  directRead(file: FileHandle, block: Pages): Actor<Errno | FoundBlock>;

  /** swap_rw: what the pages hold afterwards, or the error of all of them. */
  swapRw?(file: FileHandle, request: SwapRequest): Actor<Errno | readonly BlockContent[]>;

  /** Writes blocks [first, first + count) with fresh contents and waits until they are on the device. */
  write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined>;
  /** Reads blocks [first, first + count); the observer compares. */
  read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined>;
  /** Commits everything (sync). */
  sync(): Actor;

  readonly volume?: VolumeOperations;
  readonly subvolumes?: SubvolumeOperations;
  readonly fileOperations?: FileOperations;
  readonly mountOperations?: MountOperations;
  readonly queries?: FilesystemQueries;
  readonly garbageCollection?: GarbageCollection;
  /** The filesystem as the 2014 series called it. */
  readonly series2014?: Series2014;
  /**
   * Why direct I/O cannot serve a block that has contents: they are `inline` or `compressed`, and an ordinary read would
   * bring in page cache. Left out: it can serve all.
   */
  notDirect?(file: FileHandle, block: Pages): "inline" | "compressed" | undefined;
  /** What a block of a file holds, looked at without any time; for the oracle. Left out: what its place holds. */
  contentOf?(file: FileHandle, block: Pages): BlockContent | undefined;
  /** `compress`: everything is written anew, compressed by this method. */
  defragment?(
    file: FileHandle,
    threshold: Bytes,
    operation: string,
    compress?: string,
  ): Actor<OperationResult>;
  /** resize2fs: changes the size of a filesystem that has one device. */
  resize?(size: Bytes): Actor<OperationResult>;
  reflink?(source: FileHandle, target: string, operation: string): Actor<OperationResult>;
  /** The server of a network filesystem goes away for a while and comes back without its page cache. */
  restartServer?(outage: number): Actor<OperationResult>;
  unlink(path: string, operation: string): Actor<OperationResult>;
  /** fstrim: discards all free space. */
  trim(operation: string): Actor<OperationResult>;

  /**
   * The machine has lost power (the devices have been told): goes back to the last commit and mounts again. Whoever
   * still holds a file of before must let go of it.
   */
  recover?(): void;

  /**
   * A number for everything that can decide what it does next, so that an explorer knows equal states. Left out: states
   * are told apart by all that ever happened in it.
   */
  digest?(): number;
  /** What somebody may have read and gone by, in words, by what it is about; for showing what a step changes. */
  facts?(): ReadonlyMap<string, string>;
  /** Everybody who refers to a block of a device; nobody (an empty list) if it is free or outside. */
  holdersOf(place: DeviceBlock): readonly Holder[];
  /** Calls `visit` for every block of every file (files of snapshots included) with its place; used by the final audit. */
  forEachBlock(visit: VisitBlock): void;
  /** Recounts everything from scratch; each sentence is a broken invariant. */
  check(): readonly string[];
  /** Promises to swap that its own books show to be broken; left out: it makes none. */
  brokenPromises?(): readonly BrokenPromise[];
  /** What holds on to parts of the filesystem in the name of swap although no active swap file does; each a sentence. */
  strayPins?(): readonly string[];
  space(): SpaceReport;
  /** The map of one device, ascending, without gaps. */
  regions(device: BlockDevice): Iterable<Region>;
  /** Block groups, and the extents of every file. Walks all of them; takes no simulated time. */
  layout?(): DiskLayout;
  /** Number of extents of a file (filefrag). */
  extentsOf(file: FileHandle): number;
}
