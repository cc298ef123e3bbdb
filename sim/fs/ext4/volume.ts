import { type BlockDevice, HistoryVerb, type OwnerId } from "../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  type Bytes,
  bytesOf,
  type Duration,
  fail,
  PAGE_SIZE,
  type Pages,
} from "../../engine/index.ts";
import type { ByteRange, FallocateMode } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FsContext, Holder, SpaceReport } from "../filesystem.ts";
import { type BlockRun, endOf, type FreeSpace } from "../free-space.ts";
import { MountedVolume } from "../vfs/index.ts";
import { BlockUsers, type Extent } from "./extents.ts";
import { fallocate } from "./fallocate.ts";
import { Ext4File } from "./file.ts";
import { writeFile } from "./file-io.ts";
import { Journal } from "./journal.ts";
import { type Layout, makeFilesystem } from "./layout.ts";
import { type CommittedState, captureCommit, restoreFile } from "./recovery.ts";
import { SmallBlocks } from "./small-blocks.ts";

/** Blocks that an inode without extents names itself (EXT4_NDIR_BLOCKS). */
const DIRECT_BLOCKS: Pages = 12;

export interface VolumeOptions {
  /** Age at which a transaction is committed. */
  readonly commit: Duration;
  /** mke2fs -b; 4 KiB if left out. */
  readonly blockSize?: Bytes;
}

/** What the parts of ext4 share: the device, its free blocks, the files and the journal. Everything here is atomic. */
export class Volume extends MountedVolume<Ext4File> {
  readonly type = "ext4";
  /** Letters that ext4_fileattr_set takes. */
  readonly flags = "iaAcSdjestDTtuPF";
  readonly stops = { function: "jbd2_journal_abort", message: "EXT4-fs error: journal aborted" };
  readonly device: BlockDevice;
  readonly blockSize: Bytes;
  /** Undefined if a block is a page. */
  readonly smallBlocks: SmallBlocks | undefined;
  readonly layout: Layout;
  readonly free: FreeSpace;
  readonly users: BlockUsers = new BlockUsers();
  readonly journal: Journal;
  /** Blocks taken out of the bitmap while they are discarded. */
  readonly trimming: Set<BlockRun> = new Set();
  /** What the last finished commit leads to. */
  committed: CommittedState = new Map();
  readonly #donors = new Set<Ext4File>();
  /** Super blocks, bitmaps, inode tables, directories and the journal, by their place. */
  readonly #tables: OwnerId;
  #fileBlocks: Pages = 0;

  constructor(context: FsContext, device: BlockDevice, options: VolumeOptions) {
    super(context);
    this.device = device;
    this.blockSize = options.blockSize ?? PAGE_SIZE;
    this.#tables = context.owners.add("metadata", "the tables of ext4").id;
    this.layout = makeFilesystem(device.size, this.blockSize);
    this.free = this.layout.free;
    this.smallBlocks = this.blockSize < PAGE_SIZE ? new SmallBlocks(this) : undefined;
    const capture = (): (() => void) => {
      const state = captureCommit(this);
      return () => {
        this.committed = state;
      };
    };
    this.journal = new Journal(context.engine, device, this.free, { interval: options.commit, capture });
  }

  /** What is there when the machine starts has been on disk for long. */
  commitAtMount(): void {
    this.committed = captureCommit(this);
  }

  /** The mount after a power loss: these files, and everything else is free. */
  restore(committed: CommittedState): void {
    this.journal.crash();
    this.users.clear();
    for (const file of this.inodes()) {
      file.linked = false;
      file.extents.reset([]);
    }
    this.#donors.clear();
    this.trimming.clear();
    this.remounted();
    this.free.clear();
    this.free.give(0, this.device.size);
    for (const { block, count } of this.layout.metadata) this.free.take(block, count);
    this.#fileBlocks = 0;
    for (const [file, state] of committed) {
      restoreFile(file, state);
      for (const { block, count } of state.extents) this.free.take(block, count);
      this.#fileBlocks += file.extents.blocks;
    }
    this.namespace.reset(committed.keys());
  }

  /** Blocks of all files and donors. */
  get fileBlocks(): Pages {
    return this.#fileBlocks;
  }

  /** What mke2fs laid out there; undefined for a block of files. */
  tableAt(place: BlockNumber): Holder | undefined {
    const isTable = this.layout.metadata.some(({ block, count }) => place >= block && place < block + count);
    return isTable ? { owner: this.#tables, index: place } : undefined;
  }

  /** Files and donors: whatever holds blocks. */
  inodes(): readonly Ext4File[] {
    return [...this.namespace.files(), ...this.#donors];
  }

  addFile(path: string, size: Pages = 0): Ext4File {
    this.journal.start();
    const { engine, owners } = this.context;
    const file = new Ext4File(engine, path, owners.add("file", path).id, size, this.users);
    this.namespace.add(file);
    return file;
  }

  /** Inode tables never fill here. */
  mayAddFile(): undefined {}

  override stop(): void {
    super.stop();
    this.journal.abort();
  }

  changed(): void {
    this.journal.start();
  }

  *commit(): Actor {
    yield* this.journal.commit();
  }

  *write(file: Ext4File, first: Pages, count: Pages): Actor<Errno | undefined> {
    return yield* writeFile(this, file, first, count);
  }

  *fallocateLocked(file: Ext4File, mode: FallocateMode, range: ByteRange): Actor<Errno | undefined> {
    return fallocate(this, file, mode, range);
  }

  /** ext4_ind_migrate turns only the smallest files back from extents: one extent among the direct blocks. */
  refusesFlag(file: Ext4File, change: string): Errno | undefined {
    const fits = file.extents.length <= 1 && file.size <= DIRECT_BLOCKS;
    return change === "-e" && !fits ? "EOPNOTSUPP" : undefined;
  }

  /** Blocks may lie behind the end (fallocate with KEEP_SIZE). */
  endOf(file: Ext4File): Pages {
    return Math.max(file.size, ...[...file.extents].map(({ first, count }) => first + count));
  }

  blocksOf(file: Ext4File): Pages {
    return file.extents.blocks;
  }

  /** A file without a name that e4defrag fills with better placed blocks. */
  addDonor(file: Ext4File): Ext4File {
    const { engine, owners } = this.context;
    const path = `${file.path}.defrag`;
    const donor = new Ext4File(engine, path, owners.add("file", path).id, file.size, this.users);
    donor.linked = false;
    this.#donors.add(donor);
    return donor;
  }

  /** The last close of a donor frees what it still has. */
  removeDonor(donor: Ext4File): void {
    this.freeRange(donor, 0, donor.size);
    this.#donors.delete(donor);
  }

  /**
   * Gives blocks to the hole [first, first + count), first fit from the goal, in as few runs as possible
   * (ext4_mb_new_blocks, simplified: no groups by fragment size, no preallocation). The new extents are unwritten.
   * False, and nothing changed, if there are not enough free blocks.
   */
  allocate(
    file: Ext4File,
    first: Pages,
    count: Pages,
    goal: BlockNumber = this.#goalOf(file, first),
  ): boolean {
    // Whatever is free can be used, in however many runs; so counting is enough to know.
    if (count > this.free.blocks) return false;
    for (let done = 0; done < count; ) {
      const run = this.#findRun(goal, count - done);
      this.give(file, first + done, run, this.smallBlocks?.wholePages(file, first + done, run));
      done += run.count;
      goal = endOf(run);
    }
    return true;
  }

  /** Free blocks become those of a hole, unwritten. Blocks outside of `whole` lie across borders of pages. */
  give(file: Ext4File, first: Pages, run: BlockRun, whole: BlockRun = run): void {
    this.journal.start();
    this.free.take(run.block, run.count);
    const add = (block: BlockNumber, end: BlockNumber, kind?: Pick<Extent, "straddles">): void => {
      const at = first + (block - run.block);
      if (end > block) file.extents.insert({ first: at, count: end - block, block, written: false, ...kind });
    };
    add(run.block, whole.block, { straddles: true });
    add(whole.block, endOf(whole));
    add(endOf(whole), endOf(run), { straddles: true });
    this.noteAllocated(file, first, run);
    this.#fileBlocks += run.count;
  }

  /** Frees the blocks of [first, first + count); they can be reused after the next commit. */
  freeRange(file: Ext4File, first: Pages, count: Pages): void {
    if (count === 0) return;
    for (const { block, count: blocks, first: index } of file.extents.remove(first, count)) {
      this.journal.free({ block, count: blocks, owner: file.owner, index });
      this.#fileBlocks -= blocks;
      this.smallBlocks?.freed(file, index + blocks, block + blocks);
    }
  }

  noteAllocated(file: Ext4File, first: Pages, run: BlockRun): void {
    this.note(HistoryVerb.Allocated, run, file, first);
  }

  /** Notes what happened to a run of blocks that is, or was, file block `first` and after. */
  note(verb: number, { block, count }: BlockRun, file: Ext4File, first: Pages): void {
    this.device.history.note(this.context.engine.now, verb, block, count, file.owner, first);
  }

  /** ext4 knows no chunks: allocated is what is used, and everything else is unallocated. */
  space(): SpaceReport {
    const { journal, layout, device } = this;
    const data = bytesOf(this.#fileBlocks);
    const metadata = bytesOf(layout.metadataBlocks);
    const pinned = bytesOf(journal.pinned);
    const size = bytesOf(device.size);
    return {
      size,
      dataUsed: data,
      dataAllocated: data,
      metadataUsed: metadata,
      metadataAllocated: metadata,
      pinned,
      unallocated: size - data - metadata - pinned,
    };
  }

  /** Behind the file's own blocks, or one group after the tables (ext4_ext_find_goal). */
  #goalOf(file: Ext4File, first: Pages): BlockNumber {
    return file.extents.goalFor(first) ?? this.layout.goal;
  }

  /** Up to `want` free blocks in a row; fewer if there is no such run anywhere, or by the buddies of small blocks. */
  #findRun(goal: BlockNumber, want: Pages): BlockRun {
    const { free, layout, smallBlocks } = this;
    return (
      smallBlocks?.buddy(free, goal, want) ??
      free.firstFit(goal, Math.min(want, layout.groupPages)) ??
      free.longest() ??
      fail("free blocks were counted before")
    );
  }
}

/** A run of device blocks as an extent sees it. */
export function runOf({ block, count }: Extent): BlockRun {
  return { block, count };
}
