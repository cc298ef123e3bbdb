import { type BlockDevice, HistoryVerb, type OwnerId } from "../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  bytesOf,
  type Duration,
  fail,
  type Pages,
  WaitQueue,
} from "../../engine/index.ts";
import type { FileHandle } from "../file-handle.ts";
import type { FsContext, Holder, SpaceReport } from "../filesystem.ts";
import { type BlockRun, endOf, type FreeSpace } from "../free-space.ts";
import { BlockUsers, type Extent } from "./extents.ts";
import { Ext4File } from "./file.ts";
import { Journal } from "./journal.ts";
import { BLOCKS_PER_GROUP, type Layout, makeFilesystem } from "./layout.ts";
import { type CommittedState, captureCommit, restoreFile } from "./recovery.ts";

export interface VolumeOptions {
  /** Age at which a transaction is committed. */
  readonly commit: Duration;
  /** Blocks are smaller than pages, so a piece of a file may lie across a border of pages. */
  readonly smallBlocks?: boolean;
}

/** What the parts of ext4 share: the device, its free blocks, the files and the journal. Everything here is atomic. */
export class Volume {
  readonly context: FsContext;
  readonly device: BlockDevice;
  readonly smallBlocks: boolean;
  readonly layout: Layout;
  readonly free: FreeSpace;
  readonly users: BlockUsers = new BlockUsers();
  readonly journal: Journal;
  /** Blocks taken out of the bitmap while they are discarded. */
  readonly trimming: Set<BlockRun> = new Set();
  /** mount -o remount,ro; FIFREEZE; MNT_DETACH. */
  readOnly = false;
  frozen = false;
  detached = false;
  thawed: WaitQueue;
  /** What the last finished commit leads to. */
  committed: CommittedState = new Map();
  readonly #byPath = new Map<string, Ext4File>();
  readonly #byOwner = new Map<OwnerId, Ext4File>();
  readonly #donors = new Set<Ext4File>();
  /** Super blocks, bitmaps, inode tables, directories and the journal, by their place. */
  readonly #tables: OwnerId;
  #fileBlocks: Pages = 0;

  constructor(context: FsContext, device: BlockDevice, options: VolumeOptions) {
    this.context = context;
    this.device = device;
    this.smallBlocks = options.smallBlocks ?? false;
    this.#tables = context.owners.add("metadata", "the tables of ext4").id;
    this.thawed = new WaitQueue(context.engine, "thaw");
    this.layout = makeFilesystem(device.size);
    this.free = this.layout.free;
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
    this.#byPath.clear();
    this.#donors.clear();
    this.trimming.clear();
    this.readOnly = false;
    this.frozen = false;
    this.detached = false;
    this.thawed = new WaitQueue(this.context.engine, "thaw");
    this.free.clear();
    this.free.give(0, this.device.size);
    for (const { block, count } of this.layout.metadata) this.free.take(block, count);
    this.#fileBlocks = 0;
    for (const [file, state] of committed) {
      restoreFile(file, state);
      for (const name of state.names) this.#byPath.set(name, file);
      for (const { block, count } of state.extents) this.free.take(block, count);
      this.#fileBlocks += file.extents.blocks;
    }
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

  lookup(path: string): Ext4File | undefined {
    return this.#byPath.get(path);
  }

  files(): readonly Ext4File[] {
    return [...new Set(this.#byPath.values())];
  }

  /** Files and donors: whatever holds blocks. */
  inodes(): readonly Ext4File[] {
    return [...this.files(), ...this.#donors];
  }

  /** The inode behind a handle; also of a file that was unlinked, which then has no blocks. */
  inodeOf(handle: FileHandle): Ext4File {
    return this.#byOwner.get(handle.owner) ?? fail("a file handle belongs to this filesystem");
  }

  addFile(path: string, size: Pages): Ext4File {
    this.journal.start();
    const { engine, owners } = this.context;
    const file = new Ext4File(engine, path, owners.add("file", path).id, size, this.users);
    this.#byPath.set(path, file);
    this.#byOwner.set(file.owner, file);
    return file;
  }

  /** Takes the name away and frees all blocks. */
  removeFile(file: Ext4File): void {
    file.linked = false;
    for (const name of file.names) this.#byPath.delete(name);
    file.names.clear();
    this.freeRange(file, 0, this.#endOf(file));
  }

  /** A second name. */
  addName(file: Ext4File, name: string): void {
    this.journal.start();
    file.names.add(name);
    this.#byPath.set(name, file);
  }

  /** One name goes, and the file with it if it was the last one; `renamed` takes its place. */
  dropName(file: Ext4File, name: string, renamed?: string): void {
    this.journal.start();
    if (renamed !== undefined) this.addName(file, renamed);
    if (file.names.size === 1) {
      this.removeFile(file);
      return;
    }
    file.names.delete(name);
    this.#byPath.delete(name);
    if (file.path === name) [file.path = name] = file.names;
  }

  /** FIFREEZE holds writers here. */
  *waitForThaw(): Actor {
    while (this.frozen) yield this.thawed.wait("sb_start_write");
  }

  /** Blocks may lie behind the end (fallocate with KEEP_SIZE). */
  #endOf(file: Ext4File): Pages {
    return Math.max(file.size, ...[...file.extents].map(({ first, count }) => first + count));
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
    this.journal.start();
    for (let done = 0; done < count; ) {
      const run = this.#takeRun(goal, count - done);
      file.extents.insert({ first: first + done, count: run.count, block: run.block, written: false });
      this.noteAllocated(file, first + done, run);
      done += run.count;
      goal = endOf(run);
    }
    this.#fileBlocks += count;
    return true;
  }

  /** Frees the blocks of [first, first + count); they can be reused after the next commit. */
  freeRange(file: Ext4File, first: Pages, count: Pages): void {
    if (count === 0) return;
    for (const { block, count: blocks, first: index } of file.extents.remove(first, count)) {
      this.journal.free({ block, count: blocks, owner: file.owner, index });
      this.#fileBlocks -= blocks;
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

  /** Takes up to `want` free blocks in a row; fewer only if there is no such run anywhere. */
  #takeRun(goal: BlockNumber, want: Pages): BlockRun {
    const asked = Math.min(want, BLOCKS_PER_GROUP);
    const run =
      this.free.firstFit(goal, asked) ?? this.free.longest() ?? fail("free blocks were counted before");
    this.free.take(run.block, run.count);
    return run;
  }
}

/** A run of device blocks as an extent sees it. */
export function runOf({ block, count }: Extent): BlockRun {
  return { block, count };
}
