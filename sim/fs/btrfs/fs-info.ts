import { type BlockDevice, HistoryVerb } from "../../block/index.ts";
import { assert, type BlockNumber, type Duration, fail, type Pages } from "../../engine/index.ts";
import type { FileHandle, FsContext } from "../filesystem.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import { type Extent, ExtentTree, type Reservation } from "./extent-tree.ts";
import { type FileExtent, Inode } from "./inode.ts";
import { Metadata } from "./metadata.ts";
import type { ChunkProfile } from "./profiles.ts";
import { Subvolume } from "./subvolume.ts";
import { Transactions } from "./transaction.ts";
import { Volumes } from "./volumes.ts";

/** Operations of which only one may run at a time (btrfs_exclusive_operation). */
export type ExclusiveOperation = "balance" | "swap activate";

/** What the parts of the filesystem share (struct btrfs_fs_info). */
export class FsInfo {
  readonly context: FsContext;
  readonly volumes: Volumes;
  readonly extents: ExtentTree;
  readonly metadata: Metadata;
  readonly transactions: Transactions;
  readonly subvolumes: Subvolume[];
  /** The exclusive operation that runs; undefined if none does. */
  exclusive: ExclusiveOperation | undefined;

  constructor(
    context: FsContext,
    devices: readonly BlockDevice[],
    profiles: Readonly<Record<GroupType, ChunkProfile>>,
    commitInterval: Duration,
  ) {
    this.context = context;
    this.volumes = new Volumes(context.engine, devices);
    this.transactions = new Transactions(this, commitInterval);
    this.extents = new ExtentTree(context.engine, this.volumes, profiles, (...pinned) =>
      this.transactions.pin(...pinned),
    );
    this.metadata = new Metadata(this);
    this.subvolumes = [new Subvolume(5, "/", false)];
    for (const type of ["metadata", "data"] as const) {
      const group = this.volumes.createChunk(type, profiles[type]);
      assert(group !== undefined, "a fresh filesystem has room for its first chunks");
    }
  }

  /** Takes the slot for an exclusive operation; false if another one has it. */
  startExclusive(operation: ExclusiveOperation): boolean {
    if (this.exclusive !== undefined) return false;
    this.exclusive = operation;
    return true;
  }

  endExclusive(): void {
    this.exclusive = undefined;
  }

  /** The subvolume that a path belongs to: the deepest one that covers it. */
  subvolumeOf(path: string): Subvolume {
    let deepest = this.subvolumes[0]!;
    for (const subvolume of this.subvolumes) {
      if (subvolume.covers(path) && subvolume.path.length > deepest.path.length) deepest = subvolume;
    }
    return deepest;
  }

  lookup(path: string): Inode | undefined {
    return this.subvolumeOf(path).inodes.get(path);
  }

  inodes(): Inode[] {
    return this.subvolumes.flatMap((subvolume) => [...subvolume.inodes.values()]);
  }

  /** The inode behind a handle that this filesystem gave out. */
  inodeOf(file: FileHandle): Inode {
    if (file instanceof Inode && file.subvolume.inodes.get(file.path) === file) return file;
    return fail("a handle belongs to a file of this filesystem");
  }

  /** Notes on the devices that the blocks of an item belong to its file now. */
  noteAllocated(item: FileExtent): void {
    this.note(
      item.extent.start + item.offset,
      item.count,
      HistoryVerb.Allocated,
      item.inode.owner,
      item.fileBlock,
    );
  }

  note(logical: BlockNumber, count: Pages, verb: number, owner: number, index: number): void {
    const { engine } = this.context;
    for (const { device, block } of this.volumes.groupAt(logical).placesOf(logical)) {
      device.history.note(engine.now, verb, block, count, owner, index);
    }
  }

  /** [first, first + count) of a file is dropped: references go, unreferenced extents are freed. */
  dropExtents(inode: Inode, first: Pages, count: Pages): void {
    inode.punch(first, first + count, (item) => this.extents.dropRef(item.extent, item));
    this.metadata.touchFile(inode, first, count);
  }

  /** Blocks of a new extent become part of a file, in place of what was there (insert_reserved_file_extent). */
  replaceExtents(inode: Inode, first: Pages, extent: Extent, prealloc: boolean): void {
    this.dropExtents(inode, first, extent.count);
    const item = inode.insert({ fileBlock: first, count: extent.count, extent, offset: 0, prealloc });
    this.noteAllocated(item);
    this.metadata.touchExtent(extent.start, extent.count, extent.checksums !== undefined);
  }

  /**
   * Data space for a write, in pieces that together have `want` blocks, in order; undefined if there is not enough.
   * Takes no time: whoever can wait commits once and asks again, because a commit frees pinned space.
   */
  reserveData(want: Pages, hint: BlockNumber | undefined): Reservation[] | undefined {
    const pieces: Reservation[] = [];
    for (let left = want; left > 0; ) {
      const last = pieces.at(-1);
      const piece = this.extents.reserve("data", left, last ? last.start + last.count : hint);
      if (!piece) {
        for (const reserved of pieces) this.extents.unreserve(reserved);
        return undefined;
      }
      pieces.push(piece);
      left -= piece.count;
    }
    return pieces;
  }

  groupOf(extent: Extent): BlockGroup {
    return this.volumes.groupAt(extent.start);
  }
}
