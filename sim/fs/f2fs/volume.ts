import { type BlockDevice, HistoryVerb, type OwnerId } from "../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  bytesOf,
  type Duration,
  type Instant,
  Mutex,
  type Pages,
} from "../../engine/index.ts";
import type { ByteRange, FallocateMode } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FsContext, Holder, SpaceReport } from "../filesystem.ts";
import { MountedVolume, pagesWith } from "../vfs/index.ts";
import { type CommittedState, writeCheckpoint } from "./checkpoint.ts";
import { fallocate } from "./fallocate.ts";
import { F2fsFile, HOLE, nodeOf, RESERVED } from "./file.ts";
import { writeFile } from "./file-io.ts";
import { GcState } from "./gc-state.ts";
import { BLOCKS_PER_SECTION, type Layout, makeFilesystem } from "./layout.ts";
import { type LogName, Logs } from "./logs.ts";
import { Segments } from "./segments.ts";

export interface VolumeOptions {
  /** Time between two checkpoints that nobody asked for. */
  readonly checkpoint: Duration;
  /** Collections of a pinned file that are given up before it is moved all the same (gc_pin_file_thresh). */
  readonly pinThreshold: number;
  /** Garbage is collected while the filesystem is idle. */
  readonly background: boolean;
  /** mode=lfs: nothing is ever written in place. */
  readonly isLfs: boolean;
}

/** What the parts of f2fs share: the device, its sections and logs, the files. Everything here is atomic. */
export class Volume extends MountedVolume<F2fsFile> {
  readonly type = "f2fs";
  /** F2FS_SETTABLE_FS_FL, and what f2fs_fileattr_set takes without a word (C, e, E, N, V). */
  readonly flags = "cSiadAmDPFCeENV";
  readonly stops = { function: "f2fs_stop_checkpoint", message: "F2FS-fs: checkpoint stopped" };
  readonly device: BlockDevice;
  readonly options: VolumeOptions;
  readonly layout: Layout;
  readonly segments: Segments;
  readonly logs: Logs;
  readonly gc: GcState;
  /** cp_global_sem. */
  checkpointLock: Mutex;
  /** Blocks of writes to new places that have no answer yet. */
  blocksInFlight: Pages = 0;
  /** What the last finished checkpoint leads to. */
  committed: CommittedState;
  lastCheckpoint: Instant = 0;
  /** Something changed since the last checkpoint (SBI_IS_DIRTY). */
  isDirty = false;
  /** Last time somebody used the filesystem (REQ_TIME). */
  lastRequest: Instant = 0;
  /** f2fs_stop_checkpoint: nothing becomes durable any more. */
  isStopped = false;
  readonly #dirtyNodes = { count: 0 };
  /** Files by the number of their inode. */
  readonly #inodes: F2fsFile[] = [];
  /** Blocks and nodes of all files, with or without a place. */
  #used: Pages = 0;
  readonly #tables: OwnerId;

  constructor(context: FsContext, device: BlockDevice, options: VolumeOptions) {
    super(context);
    this.device = device;
    this.options = options;
    this.#tables = context.owners.add("metadata", "the tables and nodes of f2fs").id;
    this.layout = makeFilesystem(device.size);
    this.segments = new Segments(this.layout.main, this.layout.sections);
    this.gc = new GcState(context.engine);
    this.logs = new Logs(this.segments, {
      needsReuse: () => this.#needsReuse(),
      isVictim: (section) => this.gc.victim === section || this.gc.begun.has(section),
      fromFront: this.layout.isSmall,
    });
    this.logs.open(this.layout.logs);
    this.checkpointLock = new Mutex(context.engine, "cp_global_sem");
    this.committed = { version: 0, files: new Map(), logs: this.logs.capture() };
  }

  /** Owner of everything that belongs to no file. */
  get tables(): OwnerId {
    return this.#tables;
  }

  /** Blocks and nodes of all files. */
  get used(): Pages {
    return this.#used;
  }

  addFile(path: string): F2fsFile {
    const { engine, owners } = this.context;
    const { id } = owners.add("file", path);
    const file = new F2fsFile(engine, path, id, this.#inodes.length, this.#dirtyNodes);
    this.#inodes.push(file);
    this.namespace.add(file);
    this.changed(file);
    this.#countNode(file, 0);
    return file;
  }

  changed(file?: F2fsFile): void {
    this.isDirty = true;
    this.lastRequest = this.context.engine.now;
    file?.dirty(0);
  }

  /** inc_valid_node_count. */
  mayAddFile(): Errno | undefined {
    return this.#used < this.layout.userBlocks ? undefined : "ENOSPC";
  }

  override stop(): void {
    super.stop();
    this.isStopped = true;
  }

  *commit(): Actor {
    yield* writeCheckpoint(this);
  }

  /** inode_dio_wait, and the locks of the pages: whoever reads has what it reads. */
  override *waitForReaders(file: F2fsFile): Actor {
    yield* file.pageLock.lockExclusive("truncate_pagecache: page locks");
    file.pageLock.unlockExclusive();
    yield* file.gcReadLock.lockExclusive("inode_dio_wait");
    file.gcReadLock.unlockExclusive();
  }

  *write(file: F2fsFile, first: Pages, count: Pages): Actor<Errno | undefined> {
    return yield* writeFile(this, file, first, count);
  }

  *fallocateLocked(file: F2fsFile, mode: FallocateMode, range: ByteRange): Actor<Errno | undefined> {
    const { first, count } = pagesWith(range);
    return yield* fallocate(this, file, mode, first, count);
  }

  /** f2fs_setflags_common: compression is a feature that mkfs.f2fs leaves out. */
  refusesFlag(_file: F2fsFile, change: string): Errno | undefined {
    return change.endsWith("c") || change.endsWith("m") ? "EOPNOTSUPP" : undefined;
  }

  endOf(file: F2fsFile): Pages {
    return file.end;
  }

  blocksOf(file: F2fsFile): Pages {
    return file.blocks;
  }

  /** The file that an inode number of the summaries means. */
  inode(number: number): F2fsFile | undefined {
    return this.#inodes[number];
  }

  /** Reserves what is a hole in the range; all of it or, with ENOSPC, nothing (inc_valid_block_count). */
  reserve(file: F2fsFile, first: Pages, count: Pages): Errno | undefined {
    const holes: Pages[] = [];
    for (let block = first; block < first + count; block++) if (file.at(block) === HOLE) holes.push(block);
    const nodes = Math.max(0, nodeOf(first + count - 1) + 1 - file.nodes.length);
    if (this.#used + holes.length + nodes > this.layout.userBlocks) return "ENOSPC";
    for (const block of holes) this.setPlace(file, block, RESERVED);
    return undefined;
  }

  /** The place of a block changes; what lay at the old one is not needed any more (f2fs_update_data_blkaddr). */
  setPlace(file: F2fsFile, block: Pages, place: number): void {
    const before = file.at(block);
    if (before === place) return;
    if (before === HOLE) this.#used++;
    if (place === HOLE) this.#used--;
    file.set(block, place);
    this.#countNode(file, nodeOf(block));
    this.isDirty = true;
    if (before > 0) {
      this.#invalidate(before);
      this.note(HistoryVerb.Freed, before, file, block);
    }
  }

  /** The block is a hole, and its place goes on to be used. */
  detach(file: F2fsFile, block: Pages): number {
    const place = file.at(block);
    if (place !== HOLE) {
      file.set(block, HOLE);
      this.#used--;
    }
    return place;
  }

  /** Gives a hole a place that another block of the file had (f2fs_replace_block). */
  attach(file: F2fsFile, block: Pages, place: number, isWritten: boolean): void {
    file.set(block, place);
    if (place > 0 && !isWritten) file.unwritten.add(block);
    this.#used++;
    this.#countNode(file, nodeOf(block));
    if (place > 0) this.segments.retell(place, { inode: file.number, index: block, isNode: false });
  }

  /** A block of a log for a block of a file, which does not lie there yet. */
  allocate(log: LogName, file: F2fsFile, block: Pages): BlockNumber {
    const place = this.logs.allocate(log, { inode: file.number, index: block, isNode: false }, this.#now);
    this.note(HistoryVerb.Allocated, place, file, block);
    return place;
  }

  /** A block of a log for a node of a file, which does not lie there yet. */
  allocateNode(file: F2fsFile, node: number): BlockNumber {
    return this.logs.allocate("warmNode", { inode: file.number, index: node, isNode: true }, this.#now);
  }

  /** The node has been written to its new place. */
  setNode(file: F2fsFile, node: number, place: BlockNumber): void {
    const before = file.nodes[node] ?? HOLE;
    this.isDirty = true;
    file.clean(node);
    file.nodes[node] = place;
    if (before > 0) this.#invalidate(before);
  }

  /** Frees blocks, and the nodes that say nothing afterwards; the inode goes with the last name. */
  freeRange(file: F2fsFile, first: Pages, count: Pages): void {
    const end = Math.min(first + count, file.end);
    for (let block = first; block < end; block++) this.setPlace(file, block, HOLE);
    const left = file.linked ? Math.max(1, nodeOf(Math.max(0, file.end - 1)) + 1) : 0;
    while (file.nodes.length > left) {
      const place = file.nodes.pop()!;
      if (place > 0) this.#invalidate(place);
      this.#used--;
      file.clean(file.nodes.length);
    }
    this.changed(file.linked ? file : undefined);
  }

  /** A block that was written for nothing: its contents are old by now, or were lost. */
  giveUp(place: BlockNumber): void {
    this.#invalidate(place);
  }

  /** Nobody needs the block; a section that is empty now is no victim any more (__remove_dirty_segment). */
  #invalidate(place: BlockNumber): void {
    this.segments.invalidate(place);
    this.isDirty = true;
    const section = this.segments.sectionOf(place);
    if (this.segments.validIn(section) === 0) this.gc.begun.delete(section);
  }

  /** Notes what happened to a block that is, or was, block `index` of a file. */
  note(verb: number, place: BlockNumber, file: F2fsFile, index: Pages): void {
    this.device.history.note(this.#now, verb, place, 1, file.owner, index);
  }

  /** Nodes that the next checkpoint writes. */
  get dirtyNodes(): number {
    return this.#dirtyNodes.count;
  }

  /** has_not_enough_free_secs: what is not written yet might not find room beside what only collection may use. */
  lacksFreeSections(freed = 0, needed = 0): boolean {
    const nodes = this.dirtyNodes;
    const free = this.segments.free + freed - needed - this.layout.reserved;
    if (free > Math.ceil(nodes / BLOCKS_PER_SECTION)) return false;
    if (free <= Math.floor(nodes / BLOCKS_PER_SECTION)) return true;
    return nodes % BLOCKS_PER_SECTION > this.logs.roomIn("warmNode");
  }

  /** Sections that a checkpoint makes free. */
  get prefree(): number {
    return this.segments.prefree((section) => this.logs.holds(section)).length;
  }

  /** Parts of a file that lie in one piece each, holes left out; reserved blocks are in no piece (filefrag). */
  piecesOf(
    file: F2fsFile,
    end: Pages = file.end,
  ): readonly { readonly first: Pages; readonly count: Pages }[] {
    const pieces: { first: Pages; count: Pages }[] = [];
    for (let block = 0; block < Math.min(end, file.end); block++) {
      if (file.at(block) <= 0) continue;
      const last = pieces.at(-1);
      const joins = last && block === last.first + last.count && file.at(block) === file.at(block - 1) + 1;
      if (joins) last.count++;
      else pieces.push({ first: block, count: 1 });
    }
    return pieces;
  }

  /** Who uses a block of the device. */
  holderOf(block: BlockNumber): Holder | undefined {
    if (block < this.layout.main) return { owner: this.#tables, index: block };
    const summary = this.segments.summaryOf(block);
    const file = summary && this.inode(summary.inode);
    if (!summary || !file) return undefined;
    if (summary.isNode) return { owner: this.#tables, index: block };
    // Not yet written, or already written elsewhere.
    return file.at(summary.index) === block ? { owner: file.owner, index: summary.index } : undefined;
  }

  space(): SpaceReport {
    const size = bytesOf(this.device.size);
    const data = bytesOf(this.namespace.files().reduce((sum, { blocks }) => sum + blocks, 0));
    const nodes = bytesOf(this.#used) - data;
    const metadata = bytesOf(this.layout.main) + nodes;
    const user = bytesOf(this.layout.userBlocks);
    return {
      size,
      dataUsed: data,
      dataAllocated: data,
      metadataUsed: metadata,
      metadataAllocated: metadata,
      pinned: 0,
      unallocated: user - data - nodes,
    };
  }

  /** The mount after a power loss: what the last checkpoint leads to, and whoever waited is gone. */
  recover(): void {
    const { engine, observer } = this.context;
    const lost = new Set(this.namespace.files());
    this.remounted();
    this.segments.clear();
    this.#used = 0;
    for (const file of this.#inodes) {
      const committed = this.committed.files.get(file);
      file.reset(committed);
      if (committed) this.#claim(file);
    }
    this.segments.capture(() => true)();
    this.logs.restore(this.committed.logs);
    this.namespace.reset(this.committed.files.keys());
    this.checkpointLock = new Mutex(engine, "cp_global_sem");
    this.blocksInFlight = 0;
    this.isDirty = false;
    this.isStopped = false;
    this.gc.reset(engine);
    for (const file of this.committed.files.keys()) {
      lost.delete(file);
      this.#tellContents(file);
    }
    for (const { owner, size } of lost) observer.removed(owner, 0, size);
  }

  /** Blocks hold what the device kept of writes in place. */
  #tellContents(file: F2fsFile): void {
    const { observer } = this.context;
    observer.removed(file.owner, 0, 2 ** 30);
    for (let block = 0; block < file.end; block++) {
      if (!file.hasContents(block)) continue;
      observer.wrote(file.owner, block, 1, this.device.contents.generationAt(file.at(block)));
    }
  }

  /** Blocks and nodes of a file, as the checkpoint has them, are valid. */
  #claim(file: F2fsFile): void {
    const claim = (place: BlockNumber, index: number, isNode: boolean): void => {
      if (place <= 0) return;
      const section = this.segments.sectionOf(place);
      if (this.segments.isFree(section)) this.segments.take(section, isNode);
      this.segments.setValid(place, { inode: file.number, index, isNode }, this.#now);
    };
    for (let block = 0; block < file.end; block++) claim(file.at(block), block, false);
    for (const [node, place] of file.nodes.entries()) claim(place, node, true);
    this.#used += file.blocks + file.nodes.length;
  }

  #countNode(file: F2fsFile, node: number): void {
    while (file.nodes.length <= node) {
      file.dirty(file.nodes.length);
      file.nodes.push(HOLE);
      this.#used++;
    }
  }

  /** f2fs_need_SSR, with min_ssr_sections as large as the reserve. */
  #needsReuse(): boolean {
    if (this.options.isLfs) return false;
    const nodes = Math.floor(this.dirtyNodes / BLOCKS_PER_SECTION);
    return this.segments.free <= nodes + 2 * this.layout.reserved;
  }

  get #now(): Instant {
    return this.context.engine.now;
  }
}
