import type { BlockContent, BlockDevice } from "../../block/index.ts";
import {
  type Actor,
  type Bytes,
  type Duration,
  fail,
  NeverEnds,
  PAGE_SIZE,
  type Pages,
  pagesOf,
  step,
} from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type {
  DeviceBlock,
  FileHandle,
  FileOperations,
  FileSpec,
  Filesystem,
  FsContext,
  Holder,
  MountOperations,
  OperationResult,
  Region,
  SpaceReport,
  SwapActivation,
  SwapRequest,
  VisitBlock,
} from "../filesystem.ts";
import type { Series2014 } from "../series-2014.ts";
import { fileOperations, mountOperations, type NfsFiles } from "./file-operations.ts";
import { InodeLock } from "./inode-lock.ts";
import { Network } from "./network.ts";
import { RpcClient } from "./rpc.ts";
import { NfsSeries } from "./series.ts";
import { NfsServer, type ServerOptions } from "./server.ts";
import { StateManager } from "./state-manager.ts";

/** Pages of one READ (rsize of a Linux server, 1 MiB). */
const READ_SIZE: Pages = 256;

/** A file of the server: one piece of its disk, some blocks of which may have no space. */
export interface NfsFile extends FileHandle {
  path: string;
  size: Pages;
  start: number;
  readonly holes: Set<Pages>;
  /** S_SWAPFILE on the client. */
  isActiveSwap: boolean;
  readonly lock: InodeLock;
}

export interface NfsOptions {
  readonly roundTrip: Duration;
  readonly bandwidth: Bytes;
  /** Writes are on the server's disk before they are acknowledged. */
  readonly stable: boolean;
  /** NFSv3 keeps no state at the server, NFSv4 does. */
  readonly version: 3 | 4;
  /** Undefined: a hard mount. */
  readonly patience: Duration | undefined;
  readonly server: ServerOptions;
}

/** An NFS mount with the server behind it. */
export class Nfs implements Filesystem {
  readonly type = "nfs";
  readonly copyOnWrite = false;
  readonly series2014: Series2014;
  readonly fileOperations: FileOperations;
  readonly mountOperations: MountOperations;
  readonly #context: FsContext;
  readonly #server: NfsServer;
  readonly #rpc: RpcClient;
  readonly #stable: boolean;
  readonly #files = new Map<string, NfsFile>();
  #used: Pages = 0;

  constructor(context: FsContext, device: BlockDevice, options: NfsOptions) {
    this.#context = context;
    this.#server = new NfsServer(context.engine, device, options.server);
    const network = new Network(context.engine, options.roundTrip, options.bandwidth);
    this.#rpc = new RpcClient(context, network, this.#server, options.patience);
    this.#stable = options.stable;
    if (options.version === 4) {
      this.#rpc.state = new StateManager(context, this.#server, () => this.#exchangeId());
    }
    this.series2014 = new NfsSeries(context, this);
    this.fileOperations = fileOperations(this.#keeper());
    this.mountOperations = mountOperations(this.#keeper());
  }

  lookup(path: string): FileHandle | undefined {
    return this.#files.get(path);
  }

  files(): readonly FileHandle[] {
    return [...this.#files.values()];
  }

  createFile({ path, size, preallocated }: FileSpec): Errno | FileHandle {
    const pages = pagesOf(size);
    if (this.#files.has(path)) return "EEXIST";
    if (this.#used + pages > this.#server.device.size) return "ENOSPC";
    const file = this.#add(path, pages);
    if (!preallocated && pages > 0) this.#fill(file);
    return file;
  }

  #add(path: string, size: Pages): NfsFile {
    const { id: owner } = this.#context.owners.add("file", path);
    const lock = new InodeLock(this.#context.engine, path);
    const holes = new Set<Pages>();
    const file: NfsFile = { path, owner, size, start: this.#used, holes, isActiveSwap: false, lock };
    this.#used += size;
    this.#files.set(path, file);
    return file;
  }

  /** The server's directory, for the operations on files. */
  #keeper(): NfsFiles {
    const files = this.#files;
    return {
      find: (path) => files.get(path),
      add: (path) => (files.has(path) ? "EEXIST" : this.#add(path, 0)),
      remove: ({ path, owner, size }) => {
        files.delete(path);
        this.#context.observer.removed(owner, 0, size);
      },
      rename: (file, path) => {
        files.delete(file.path);
        file.path = path;
        files.set(path, file);
      },
      resize: (file, pages) => this.#resize(file, pages),
      allocate: ({ holes }, from, to) => {
        for (let block = from; block < to; block++) holes.delete(block);
      },
      punch: (file, from, to) => this.#punch(file, from, to),
      anyActive: () => [...files.values()].some(({ isActiveSwap }) => isActiveSwap),
    };
  }

  /** A file that grows gets another piece of the disk; what it holds goes along. */
  #resize(file: NfsFile, pages: Pages): boolean {
    const { contents, size: room } = this.#server.device;
    if (pages > file.size) {
      if (this.#used + pages > room) return false;
      for (let block = 0; block < file.size; block++) {
        const { generation, owner, index } = contents.at(file.start + block);
        contents.write(this.#used + block, generation, owner, index);
      }
      for (let block = file.size; block < pages; block++) file.holes.add(block);
      file.start = this.#used;
      this.#used += pages;
    } else this.#punch(file, pages, file.size);
    file.size = pages;
    return true;
  }

  #punch({ start, owner, holes }: NfsFile, from: Pages, to: Pages): void {
    for (let block = from; block < to; block++) {
      this.#server.device.contents.write(start + block, 0, 0, 0);
      holes.add(block);
    }
    this.#context.observer.removed(owner, from, to - from);
  }

  #fill({ owner, start, size }: NfsFile): void {
    const generation = this.#context.generations.take(size);
    for (let block = 0; block < size; block++) {
      this.#server.device.contents.write(start + block, generation + block, owner, block);
    }
    this.#context.observer.wrote(owner, 0, size, generation);
  }

  mount(): void {
    this.#context.engine.spawn("nfsd flusher", this.#server.flusher(), {
      daemon: true,
      inside: "filesystem",
    });
  }

  /** Where the server keeps a block; the client itself does not know. */
  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined {
    const { start, size, holes } = this.#fileOf(file);
    return block < size && !holes.has(block)
      ? { device: this.#server.device, block: start + block }
      : undefined;
  }

  /** nfs_swap_activate hands out no blocks: only strategies that go through the filesystem can swap here. */
  *swapActivate(file: FileHandle): Actor<SwapActivation> {
    yield step("nfs_swap_activate", file);
    return { errno: "EINVAL", message: "blocks of an NFS file are known to the server only" };
  }

  swapDeactivate(file: FileHandle): void {
    this.setSwapFile(file, false);
  }

  setSwapFile(file: FileHandle, active: boolean): void {
    this.#fileOf(file).isActiveSwap = active;
    if (active && !this.#has("noStateManagerKept")) this.#rpc.state?.keep();
  }

  *directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    const known = this.#fileOf(file);
    const stable = this.#stable && !this.#has("noStableWrites");
    return yield* this.#asSwap(known, this.#writeSwap(known, block, [content], stable));
  }

  *directRead(file: FileHandle, block: Pages): ReturnType<Filesystem["directRead"]> {
    const known = this.#fileOf(file);
    const found = yield* this.#asSwap(known, this.#read(known, block, 1));
    return found ? { content: found[0]!, place: this.bmap(file, block) } : "EIO";
  }

  /** Since 5.19 swap writes are always stable: a COMMIT would need memory. */
  *swapRw(file: FileHandle, { first, pages, contents }: SwapRequest): Actor<Errno | readonly BlockContent[]> {
    const known = this.#fileOf(file);
    if (!contents) return (yield* this.#asSwap(known, this.#read(known, first, pages))) ?? "EIO";
    const stable = !this.#has("noStableWrites");
    return (yield* this.#asSwap(known, this.#writeSwap(known, first, contents, stable))) ?? contents;
  }

  /**
   * Swap I/O does not take the inode's lock: nobody writes to the file, and who reads it may be reclaiming right now
   * (64158668ac8b, 5.18).
   */
  *#asSwap<Result>({ lock }: NfsFile, run: Actor<Result>): Actor<Result> {
    if (!this.#has("swapIoTakesInodeLock")) return yield* run;
    yield* lock.startDirect();
    const result = yield* run;
    lock.end();
    return result;
  }

  /** generic_write_checks of the swap file, which swap itself is exempt from, then the write. */
  *#writeSwap(
    file: NfsFile,
    first: Pages,
    contents: readonly BlockContent[],
    stable: boolean,
  ): Actor<Errno | undefined> {
    if (this.#has("banSwapWrites") && file.isActiveSwap) return "ETXTBSY";
    if (this.#has("onePagePerRequest") && contents.length !== 1) {
      this.#context.log(`kernel BUG at fs/nfs/direct.c: nfs_swap_rw: a request of ${contents.length} pages`);
      return yield* new NeverEnds("a kernel BUG: the pages stay under write-back").wait("nfs_swap_rw");
    }
    return yield* this.#write(file, first, contents, stable);
  }

  *write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const known = this.#fileOf(file);
    if (known.isActiveSwap) {
      this.#context.log("NFS: attempt to write to active swap file!");
      return "ETXTBSY";
    }
    if (first + count > known.size && !this.#resize(known, first + count)) return "ENOSPC";
    for (let block = first; block < first + count; block++) known.holes.delete(block);
    const generation = this.#context.generations.take(count);
    const contents = Array.from({ length: count }, (_, index) => ({
      generation: generation + index,
      owner: known.owner,
      index: first + index,
    }));
    return yield* this.#write(known, first, contents, this.#stable);
  }

  /** A read through the page cache, a call at a time: each page of it is asked for, under the inode's lock. */
  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const { memory, observer } = this.#context;
    const known = this.#fileOf(file);
    const end = first + count;
    yield* known.lock.startRead();
    let found: readonly BlockContent[] | undefined = [];
    for (let at = first; found && at < end; at += READ_SIZE) {
      const pages = Math.min(READ_SIZE, end - at);
      for (let page = 0; memory && page < pages; page++) {
        yield* memory.allocatePage("page cache", "GFP_KERNEL");
      }
      found = yield* this.#read(known, at, pages);
      for (const [index, content] of found?.entries() ?? []) {
        const place = this.bmap(file, at + index);
        if (place) observer.read(file.owner, at + index, content, place);
      }
    }
    known.lock.end();
    return found ? undefined : "EIO";
  }

  *sync(): Actor {
    yield* this.#rpc.call({ out: 0, in: 0, serve: () => this.#server.commit() });
  }

  *unlink(path: string): Actor<OperationResult> {
    yield step("nfs_unlink", this);
    const file = this.#files.get(path);
    if (!file) return { errno: "ENOENT", achieved: `there is no ${path}`, skipped: [] };
    if (file.isActiveSwap) {
      return {
        errno: "EPERM",
        achieved: "nothing",
        skipped: [{ what: path, reason: "an active swap file" }],
      };
    }
    this.#files.delete(path);
    this.#context.observer.removed(file.owner, 0, file.size);
    return { errno: undefined, achieved: `removed ${path}`, skipped: [] };
  }

  *trim(): Actor<OperationResult> {
    yield step("nfs has no fstrim", this);
    return { errno: "EOPNOTSUPP", achieved: "nfs has no fstrim", skipped: [] };
  }

  /** The server goes down and comes back without its page cache. */
  *restartServer(outage: Duration): Actor<OperationResult> {
    yield* this.#server.restart(outage);
    return { errno: undefined, achieved: "the server is back", skipped: [] };
  }

  holdersOf({ device, block }: DeviceBlock): readonly Holder[] {
    if (device !== this.#server.device) return [];
    const file = [...this.#files.values()].find(({ start, size }) => block >= start && block < start + size);
    return file ? [{ owner: file.owner, index: block - file.start }] : [];
  }

  /** Swap files are left to whoever wrote pages there. */
  forEachBlock(visit: VisitBlock): void {
    const { device } = this.#server;
    for (const file of this.#files.values()) {
      if (file.isActiveSwap) continue;
      for (let block = 0; block < file.size; block++) {
        if (file.holes.has(block) || device.contents.generationAt(file.start + block) === 0) continue;
        visit(file, block, { device, block: file.start + block });
      }
    }
  }

  check(): readonly string[] {
    const files = [...this.#files.values()].reduce((sum, { size }) => sum + size, 0);
    return files <= this.#used ? [] : [`files have ${files} pages, ${this.#used} were given out`];
  }

  space(): SpaceReport {
    const size = this.#server.device.size * PAGE_SIZE;
    const dataUsed = this.#used * PAGE_SIZE;
    const none = { metadataUsed: 0, metadataAllocated: 0, pinned: 0 };
    return { size, dataUsed, dataAllocated: dataUsed, ...none, unallocated: size - dataUsed };
  }

  *regions(device: BlockDevice): Iterable<Region> {
    let next = 0;
    if (device === this.#server.device) {
      for (const { start, size, owner } of this.#files.values()) {
        if (start > next) yield { block: next, count: start - next, kind: "free", owner: undefined };
        yield { block: start, count: size, kind: "data", owner };
        next = start + size;
      }
    }
    if (next < device.size) yield { block: next, count: device.size - next, kind: "free", owner: undefined };
  }

  extentsOf(): number {
    return 1;
  }

  /** What the state manager tells a server that has restarted: EXCHANGE_ID, then what is open. */
  *#exchangeId(): Actor {
    const serve = function* (): Actor {};
    for (let call = 0; call < 2; call++) yield* this.#rpc.call({ out: 0, in: 0, serve, isRecovery: true });
  }

  #has(fault: string): boolean {
    return this.#context.faults?.has(fault) === true;
  }

  #fileOf({ path }: FileHandle): NfsFile {
    return this.#files.get(path) ?? fail("a handle belongs to a file of this mount");
  }

  *#read({ start, size }: NfsFile, first: Pages, pages: Pages): Actor<readonly BlockContent[] | undefined> {
    if (first + pages > size) return undefined;
    const serve = () => this.#server.read(start + first, pages);
    return yield* this.#rpc.call({ out: 0, in: pages * PAGE_SIZE, serve });
  }

  *#write(
    { start, size, owner }: NfsFile,
    first: Pages,
    contents: readonly BlockContent[],
    stable: boolean,
  ): Actor<Errno | undefined> {
    if (first + contents.length > size) return "EFBIG";
    const server = this.#server;
    const { observer } = this.#context;
    const serve = function* (): Actor<boolean> {
      if (!(yield* server.write(start + first, contents, stable))) return false;
      for (const [index, { generation }] of contents.entries()) {
        observer.wrote(owner, first + index, 1, generation);
      }
      return true;
    };
    const isWritten = yield* this.#rpc.call({ out: contents.length * PAGE_SIZE, in: 0, serve });
    return isWritten === true ? undefined : "EIO";
  }
}
