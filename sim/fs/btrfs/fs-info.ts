import type { BlockDevice, OwnerId } from "../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  type Bytes,
  type Duration,
  fail,
  type Instant,
  type Pages,
  RwLock,
  WaitQueue,
} from "../../engine/index.ts";
import { type FsCosts, usualFsCosts } from "../costs.ts";
import type { FileHandle } from "../file-handle.ts";
import type { FsContext } from "../filesystem.ts";
import type { LaidDisk } from "../laid-disk.ts";
import type { BalanceControl } from "./balance.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import { BlockReserve } from "./block-rsv.ts";
import type { CompressionMethod } from "./compression.ts";
import { Ctree, type TreeServices } from "./ctree.ts";
import { SeriesState } from "./era-2014/state.ts";
import { Exclusive } from "./exclusive.ts";
import { type Extent, ExtentTree } from "./extent-tree.ts";
import type { FileExtent } from "./file-extent.ts";
import { ExtentAllocator, type Reservation } from "./find-free-extent.ts";
import { GlobalTrees } from "./global-trees.ts";
import { Inactivation } from "./inactivation.ts";
import { Inode } from "./inode.ts";
import { layChunks, layFiles } from "./laid-disk.ts";
import { mkfs } from "./mkfs.ts";
import { flagsOfMount, type MountFlags } from "./mount-flags.ts";
import type { MountUsers } from "./mount-users.ts";
import type { ChunkProfile } from "./profiles.ts";
import { type RaceFixes, raceFixes } from "./race-fixes.ts";
import { type CommittedState, captureCommit } from "./recovery.ts";
import { type KernelRules, kernelRules } from "./rules/index.ts";
import { FIRST_SUBVOLUME, Subvolume, TOP_LEVEL } from "./subvolume.ts";
import type { SwapPins } from "./swapfile.ts";
import { Transactions } from "./transaction.ts";
import { NODE_BLOCKS, TreeBlock } from "./tree-block.ts";
import { InodeItem, NO_FLAGS, ROOT_DIRECTORY } from "./tree-item.ts";
import { Volumes } from "./volumes.ts";
import type { WritePathKind } from "./write-paths/index.ts";

/** Mount and mkfs options. */
export interface BtrfsOptions {
  readonly data: ChunkProfile;
  readonly metadata: ChunkProfile;
  /** Data and metadata share block groups (mkfs.btrfs --mixed); both have the profile of data. */
  readonly mixed: boolean;
  readonly commit: Duration;
  /** A data group whose usage falls below this percentage is relocated; 0: never (bg_reclaim_threshold). */
  readonly reclaimThreshold: number;
  /** Small writes make their file a candidate for defragmentation by the cleaner. */
  readonly autodefrag: boolean;
  /** Freed ranges are discarded in the background, after a while. */
  readonly discard: boolean;
  /** How new data is compressed (mount option compress=), and whether that goes over all flags (compress-force=). */
  readonly compress: CompressionMethod | undefined;
  readonly compressForce: boolean;
  /** Percent of their size that the contents of files come to when they are compressed; 100: incompressible. */
  readonly compressedTo: number;
  /** Files up to this size lie in the tree (mount option max_inline=). */
  readonly maxInline: Bytes;
  /** Left out: the write path of btrfs. */
  readonly writePath?: WritePathOptions;
  /** A file that lost its last name gives up its blocks this much later, in the background, as in xfs. */
  readonly deferredFree: Duration;
  /** A mount does not go on with a balance that it finds (mount option skip_balance). */
  readonly skipBalance: boolean;
  /** Chunks and files of a filesystem that was made elsewhere. */
  readonly layout?: LaidDisk;
}

/** What carries page-outs in place of btrfs. */
export interface WritePathOptions {
  readonly kind: WritePathKind;
  /** Threads beside the rescuer. */
  readonly workers: number;
  /** Journal entries, or pages of a transaction group. */
  readonly room: number;
}

/** What the parts of the filesystem share (struct btrfs_fs_info). */
export class FsInfo {
  readonly context: FsContext;
  readonly options: BtrfsOptions;
  readonly rules: KernelRules;
  /** What keeps operations that run at the same time from undoing each other's decisions. */
  readonly fixes: RaceFixes;
  readonly volumes: Volumes;
  readonly extents: ExtentTree;
  readonly allocator: ExtentAllocator;
  readonly metadata: BlockReserve;
  readonly trees: GlobalTrees;
  readonly transactions: Transactions;
  readonly exclusive: Exclusive;
  /** CPU times of its steps. */
  readonly costs: FsCosts;
  /** Swap files of the 2014 series and their locks. */
  series: SeriesState;
  /** In the order of their ids; dead ones stay until the cleaner has dropped them. */
  readonly subvolumes: Subvolume[] = [];
  /** A running balance converts chunks of this type to a profile (balance_ctl). */
  readonly convertTo: Map<GroupType, ChunkProfile> = new Map();
  /** The balance that runs or is paused. */
  balance: BalanceControl | undefined;
  /** Groups that became empty, for the cleaner (unused_bgs), and thinly used ones (reclaim_bgs). */
  readonly unusedGroups: Set<BlockGroup> = new Set();
  readonly reclaimGroups: Set<BlockGroup> = new Set();
  /** Files with small writes, and the transaction of the first of them (defrag_inodes, with autodefrag). */
  readonly defragInodes: Map<Inode, number> = new Map();
  readonly inactivation: Inactivation;
  /** Groups with freed space to discard, and since when. */
  readonly discardable: Map<BlockGroup, Instant> = new Map();
  /** What active swap files hold on to. */
  readonly swapPins: Map<Inode, SwapPins> = new Map();
  /** Mounted or remounted read-only, or forced so by an aborted transaction. */
  readOnly = false;
  aborted = false;
  /**
   * Power was lost: a write without checksums that was under way may have reached one copy and not the other, and nobody
   * can tell (NODATASUM on RAID1).
   */
  hasTornMirrors = false;
  unmounted = false;
  /** A scrub works on the devices (scrub_ctx of each). */
  scrubRuns = false;
  /** A shrink that runs is to stop (BTRFS_FS_RELOC cancel). */
  resizeCancelled = false;
  readonly mountFlags: MountFlags;
  readonly mountUsers: MountUsers = { open: 0, writers: 0 };
  /** MNT_DETACH: no path leads here any more, but open files go on. */
  detached = false;
  /** FIFREEZE: changes wait here until the thaw. */
  frozen = false;
  readonly thawed: WaitQueue;
  /** Snapshots read, deletions of subvolumes write (subvol_sem). */
  subvolSem: RwLock;
  /** The transaction thread, the cleaner and the reclaim worker sleep here until there is work. */
  readonly cleanerWork: WaitQueue;
  /** What the last finished commit leads to. */
  committed: CommittedState;
  #nextSubvolume = FIRST_SUBVOLUME;
  #nextNode = 0;

  constructor(context: FsContext, devices: readonly BlockDevice[], options: BtrfsOptions) {
    this.context = context;
    this.options = options;
    this.mountFlags = flagsOfMount(options);
    this.rules = kernelRules(context.kernel);
    this.fixes = raceFixes(this.rules.name, context.faults);
    this.transactions = new Transactions(this, options.commit);
    this.trees = new GlobalTrees(this);
    this.volumes = new Volumes(context.engine, devices, options.mixed, (group) =>
      this.trees.touchChunk(group.start),
    );
    this.allocator = new ExtentAllocator(this.volumes, (type) => this.allocProfile(type));
    this.extents = new ExtentTree(context.engine, this.volumes, {
      pin: (...pinned) => this.transactions.pin(...pinned),
      delayedRef: () => {
        this.transactions.delayedRefs++;
        return this.transactions.generation;
      },
      ownerOf: (item, leaf) => this.ownerOf(item, leaf),
    });
    this.inactivation = new Inactivation(this);
    this.metadata = new BlockReserve(this);
    this.exclusive = new Exclusive(this);
    this.costs = context.costs ?? usualFsCosts;
    this.series = new SeriesState(this);
    this.thawed = new WaitQueue(context.engine, "thaw");
    this.subvolSem = new RwLock(context.engine, "subvol_sem");
    this.cleanerWork = new WaitQueue(context.engine, "btrfs-cleaner");
    if (options.layout) layChunks(this.volumes, options.layout.chunks);
    else mkfs(this.volumes, options);
    for (const group of this.volumes.groups()) this.unusedGroups.add(group);
    this.addSubvolume("/", false);
    if (options.layout) layFiles(this, options.layout);
    this.committed = captureCommit(this);
  }

  /** Profile of new chunks of a type (btrfs_get_alloc_profile): what balance converts to, or what exists. */
  allocProfile(type: GroupType): ChunkProfile {
    return this.convertTo.get(type) ?? this.volumes.allocProfile(type);
  }

  /** A new, empty subvolume. */
  addSubvolume(path: string, readOnly: boolean): Subvolume {
    const id = this.subvolumes.length === 0 ? TOP_LEVEL : this.#nextSubvolume++;
    const tree = new Ctree(id, this.#treeServices(path));
    const made = new Subvolume(this.context.engine, { id, path, readOnly, tree });
    made.tree.insert(new InodeItem(ROOT_DIRECTORY, 0, NO_FLAGS));
    this.subvolumes.push(made);
    this.trees.touchRoot(id);
    return made;
  }

  /** A subvolume whose tree begins as a copy of another's root node. */
  addSnapshot(source: Subvolume, path: string, readOnly: boolean): Subvolume {
    const id = this.#nextSubvolume++;
    const root = source.tree.copyRoot(id);
    const tree = new Ctree(id, this.#treeServices(path), root);
    const made = new Subvolume(this.context.engine, { id, path, readOnly, tree });
    made.nextIno = source.nextIno;
    made.nextIndex = source.nextIndex;
    this.subvolumes.push(made);
    this.trees.touchRoot(id);
    return made;
  }

  /** Subvolumes that can be reached by a path. */
  get live(): readonly Subvolume[] {
    return this.subvolumes.filter(({ dead }) => !dead);
  }

  /** The subvolume that a path belongs to: the deepest one that covers it. */
  subvolumeOf(path: string): Subvolume {
    let deepest = this.subvolumes[0]!;
    for (const subvolume of this.subvolumes) {
      if (subvolume.dead || subvolume.path.length <= deepest.path.length) continue;
      if (subvolume.covers(path)) deepest = subvolume;
    }
    return deepest;
  }

  /** The subvolume in which another one has its name. */
  parentOf({ path }: Subvolume): Subvolume {
    return this.subvolumeOf(path.slice(0, path.lastIndexOf("/")));
  }

  subvolumeAt(path: string): Subvolume | undefined {
    return this.live.find((subvolume) => subvolume.path === path);
  }

  lookup(path: string): Inode | undefined {
    const subvolume = this.subvolumeOf(path);
    return subvolume.names.get(subvolume.nameOf(path));
  }

  inodes(): Inode[] {
    return this.live.flatMap((subvolume) => [...subvolume.inodes.values()]);
  }

  /** The inode behind a handle that this filesystem gave out. */
  inodeOf(file: FileHandle): Inode {
    return file instanceof Inode ? file : fail("a handle belongs to a file of this filesystem");
  }

  groupOf(extent: Extent): BlockGroup {
    return this.volumes.groupAt(extent.start);
  }

  note(verb: number, logical: BlockNumber, count: Pages, owner: OwnerId, index: number): void {
    this.extents.note(verb, logical, count, owner, index);
  }

  /** Whose bytes a file extent names, as its leaf's own tree sees it. */
  ownerOf(item: FileExtent, leaf: TreeBlock): OwnerId {
    const subvolume = this.subvolumes.find(({ id }) => id === leaf.root);
    return subvolume?.inodes.get(item.ino)?.owner ?? 0;
  }

  /**
   * Data space for a write, in pieces that together have `want` blocks, in order, each at most `longest`; undefined if there is not enough.
   * Takes no time: whoever can wait commits once and asks again, because a commit frees pinned space.
   */
  reserveData(want: Pages, hint: BlockNumber | undefined, longest: Pages): Reservation[] | undefined {
    if (this.volumes.mixed) {
      const needed = want + this.metadata.promised;
      this.ensureDataBlocks(needed);
      if (this.allocator.freeBlocks("data") < needed) return undefined;
    }
    const pieces: Reservation[] = [];
    for (let left = want; left > 0; ) {
      const last = pieces.at(-1);
      const size = Math.min(left, longest);
      const piece = this.allocator.reserve("data", size, last ? last.start + last.count : hint);
      if (!piece) {
        for (const reserved of pieces) this.allocator.unreserve(reserved);
        return undefined;
      }
      pieces.push(piece);
      left -= piece.count;
    }
    return pieces;
  }

  /**
   * btrfs_alloc_data_chunk_ondemand: makes data chunks until so many blocks are free, before anybody looks for a place.
   * If the devices are full it leaves it at that.
   */
  ensureDataBlocks(want: Pages): void {
    while (this.allocator.freeBlocks("data") < want) {
      if (!this.allocator.allocateChunk("data")) return;
    }
  }

  /** A commit made blocks of a group free: it may have become empty, or thin. */
  spaceFreed(group: BlockGroup, _start: BlockNumber, count: Pages): void {
    if (group.removed) return;
    if (group.isEmpty) this.unusedGroups.add(group);
    const threshold = (group.length * this.options.reclaimThreshold) / 100;
    if (group.type === "data" && group.used < threshold && group.used + count >= threshold) {
      this.reclaimGroups.add(group);
    }
    if (this.options.discard && !this.discardable.has(group)) {
      this.discardable.set(group, this.context.engine.now);
    }
  }

  /** sb_start_write and sb_start_intwrite: users, and whoever starts a transaction for them, wait while it is frozen. */
  *startWrite(): Actor {
    while (this.frozen) yield this.thawed.wait("sb_start_write");
  }

  /** A transaction has reached the disk, and with it the deletion of subvolumes. */
  afterCommit(): void {
    for (const subvolume of this.subvolumes) subvolume.deletionCommitted ||= subvolume.dead;
  }

  /** Mounted after a power loss: nothing of what ran before is left. */
  afterRecovery(): void {
    this.hasTornMirrors = true;
    this.exclusive.end();
    this.scrubRuns = false;
    this.balance = undefined;
    this.convertTo.clear();
    this.swapPins.clear();
    this.series = new SeriesState(this);
    this.metadata.clear();
    this.reclaimGroups.clear();
    this.discardable.clear();
    this.defragInodes.clear();
    this.inactivation.forget();
    this.thawed.abandon();
    this.subvolSem = new RwLock(this.context.engine, "subvol_sem");
    this.cleanerWork.abandon();
    this.unusedGroups.clear();
    for (const group of this.volumes.groups()) this.unusedGroups.add(group);
    this.readOnly = false;
    this.aborted = false;
    this.unmounted = false;
    this.detached = false;
    this.frozen = false;
    Object.assign(this.mountUsers, { open: 0, writers: 0 });
    Object.assign(this.mountFlags, flagsOfMount(this.options));
  }

  /** btrfs_handle_fs_error: nothing changes any more. What swap has captured goes on working. */
  forceReadOnly(why: string): void {
    this.aborted = true;
    this.readOnly = true;
    this.context.log(`BTRFS error: ${why}`);
    this.context.log("BTRFS info: forced readonly");
  }

  #treeServices(path: string): TreeServices {
    const { id: owner } = this.context.owners.add("metadata", `tree fs ${path}`);
    const each = (leaf: TreeBlock, visit: (item: FileExtent) => void): void => {
      for (const item of leaf.items) if (item.kind === "extent") visit(item as FileExtent);
    };
    return {
      generation: () => this.transactions.generation,
      create: (shape) => {
        const index = this.#nextNode++ * NODE_BLOCKS;
        const node = new TreeBlock({ ...shape, generation: this.transactions.generation, owner, index });
        this.transactions.dirty.add(node);
        return node;
      },
      free: (node) => this.transactions.freeNode(node),
      incRef: (leaf, full) => each(leaf, (item) => this.extents.addRef(item, leaf, full)),
      decRef: (leaf, full) => each(leaf, (item) => this.extents.dropRef(item, leaf, full)),
      added: (item, leaf) => {
        if (item.kind === "extent") this.extents.addRef(item as FileExtent, leaf, false);
      },
      dropped: (item, leaf) => {
        if (item.kind === "extent") this.extents.dropRef(item as FileExtent, leaf, false);
      },
    };
  }
}
