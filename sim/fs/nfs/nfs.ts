import type { BlockContent, BlockDevice } from "../../block/index.ts";
import {
  type Actor,
  type Bytes,
  type Duration,
  mix,
  NeverEnds,
  PAGE_SIZE,
  type Pages,
  pagesOf,
  step,
} from "../../engine/index.ts";
import type { FileOperations, MountOperations, OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { DeviceBlock, FileHandle, FileSpec } from "../file-handle.ts";
import type {
  Filesystem,
  FoundBlock,
  FsContext,
  Holder,
  Region,
  SpaceReport,
  SwapActivation,
  SwapRequest,
  VisitBlock,
} from "../filesystem.ts";
import type { Series2014 } from "../series-2014.ts";
import { fileOperations, mountOperations, unlink } from "./file-operations.ts";
import { type NfsFile, NfsFiles } from "./files.ts";
import { Network } from "./network.ts";
import { RpcClient } from "./rpc.ts";
import { NfsSeries } from "./series.ts";
import { NfsServer, type ServerOptions } from "./server.ts";
import { StateManager } from "./state-manager.ts";

/** Pages of one READ (rsize of a Linux server, 1 MiB). */
const READ_SIZE: Pages = 256;

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
  readonly #files: NfsFiles;

  constructor(context: FsContext, device: BlockDevice, options: NfsOptions) {
    this.#context = context;
    this.#server = new NfsServer(context.engine, device, options.server);
    this.#files = new NfsFiles(context, device);
    const network = new Network(context.engine, options.roundTrip, options.bandwidth);
    this.#rpc = new RpcClient(context, network, this.#server, options.patience);
    this.#stable = options.stable;
    if (options.version === 4) {
      this.#rpc.state = new StateManager(context, this.#server, () => this.#exchangeId());
    }
    this.series2014 = new NfsSeries(context, this);
    this.fileOperations = fileOperations(this.#files);
    this.mountOperations = mountOperations(this.#files);
  }

  lookup(path: string): FileHandle | undefined {
    return this.#files.detached ? undefined : this.#files.find(path);
  }

  isGone(file: FileHandle): boolean {
    return this.#files.isGone(fileOf(file));
  }

  files(): readonly FileHandle[] {
    return this.#files.all();
  }

  createFile({ path, size, preallocated }: FileSpec): Errno | FileHandle {
    const file = this.#files.add(path, pagesOf(size));
    if (typeof file !== "string" && !preallocated && file.size > 0) this.#files.fill(file);
    return file;
  }

  mount(): void {
    this.#context.engine.spawn("nfsd flusher", this.#server.flusher(), {
      daemon: true,
      inside: "filesystem",
    });
  }

  /** Where the server keeps a block; the client itself does not know. */
  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined {
    const { start, size, holes } = fileOf(file);
    return block < size && !holes.has(block)
      ? { device: this.#server.device, block: start + block }
      : undefined;
  }

  lockInode(file: FileHandle): Actor<() => void> {
    return fileOf(file).lock.alone("inode_lock (swapon)");
  }

  *readFolio(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return this.#found(file, block, yield* this.#read(fileOf(file), block, 1));
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
    fileOf(file).isActiveSwap = active;
    if (active && !this.#has("noStateManagerKept")) this.#rpc.state?.keep();
  }

  *directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    const known = fileOf(file);
    const stable = this.#stable && !this.#has("noStableWrites");
    return yield* this.#asSwap(known, this.#writeSwap(known, block, [content], stable));
  }

  *directRead(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    const known = fileOf(file);
    return this.#found(file, block, yield* this.#asSwap(known, this.#read(known, block, 1)));
  }

  #found(file: FileHandle, block: Pages, read: Errno | readonly BlockContent[]): Errno | FoundBlock {
    return typeof read === "string" ? read : { content: read[0]!, place: this.bmap(file, block) };
  }

  /** Since 5.19 swap writes are always stable: a COMMIT would need memory. */
  *swapRw(file: FileHandle, { first, pages, contents }: SwapRequest): Actor<Errno | readonly BlockContent[]> {
    const known = fileOf(file);
    if (!contents) return yield* this.#asSwap(known, this.#read(known, first, pages));
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
    const known = fileOf(file);
    const files = this.#files;
    if (files.isGone(known)) return "ESTALE";
    if (files.readOnly) return "EROFS";
    if (known.isActiveSwap) {
      this.#context.log("NFS: attempt to write to active swap file!");
      return "ETXTBSY";
    }
    if (first + count > known.size && !files.resize(known, first + count)) return "ENOSPC";
    files.allocate(known, first, first + count);
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
    const { memory } = this.#context;
    const known = fileOf(file);
    const end = first + count;
    yield* known.lock.startRead();
    let found: Errno | readonly BlockContent[] = [];
    for (let at = first; typeof found !== "string" && at < end; at += READ_SIZE) {
      const pages = Math.min(READ_SIZE, end - at);
      for (let page = 0; memory && page < pages; page++) {
        yield* memory.allocatePage("page cache", "GFP_KERNEL");
      }
      found = yield* this.#read(known, at, pages);
      if (typeof found !== "string") this.#observeRead(known, at, found);
    }
    known.lock.end();
    return typeof found === "string" ? found : undefined;
  }

  /** Of a file that was removed before the answer came nobody knows what it should hold. */
  #observeRead(file: NfsFile, first: Pages, found: readonly BlockContent[]): void {
    if (this.#files.isGone(file)) return;
    for (const [index, content] of found.entries()) {
      const place = this.bmap(file, first + index);
      if (place) this.#context.observer.read(file.owner, first + index, content, place);
    }
  }

  *sync(): Actor {
    yield* this.#rpc.call({ out: 0, in: 0, serve: () => this.#server.commit() });
  }

  *unlink(path: string): Actor<OperationResult> {
    yield step("nfs_unlink", this);
    return unlink(this.#files, path);
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

  /** Where calls stand follows from where processes stand. */
  digest(): number {
    let hash = mix(this.#server.digest(), this.#rpc.digest());
    hash = mix(hash, this.#rpc.state?.digest() ?? 0);
    return mix(hash, this.#files.digest());
  }

  holdersOf({ device, block }: DeviceBlock): readonly Holder[] {
    return device === this.#server.device ? this.#files.holdersOf(block) : [];
  }

  forEachBlock(visit: VisitBlock): void {
    this.#files.forEachBlock(visit);
  }

  check(): readonly string[] {
    return this.#files.check();
  }

  space(): SpaceReport {
    return this.#files.space();
  }

  regions(device: BlockDevice): Iterable<Region> {
    return this.#files.regions(device);
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

  *#read(file: NfsFile, first: Pages, pages: Pages): Actor<Errno | readonly BlockContent[]> {
    const [server, files] = [this.#server, this.#files];
    const serve = function* (): Actor<Errno | readonly BlockContent[]> {
      if (files.isGone(file)) return "ESTALE";
      if (first + pages > file.size) return "EIO";
      return (yield* server.read(file.start + first, pages)) ?? "EIO";
    };
    return (yield* this.#rpc.call({ out: 0, in: pages * PAGE_SIZE, serve })) ?? "EIO";
  }

  *#write(
    file: NfsFile,
    first: Pages,
    contents: readonly BlockContent[],
    stable: boolean,
  ): Actor<Errno | undefined> {
    if (first + contents.length > file.size) return "EFBIG";
    const [server, files, { observer }] = [this.#server, this.#files, this.#context];
    const serve = function* (): Actor<Errno | "written"> {
      if (files.isGone(file)) return "ESTALE";
      if (!(yield* server.write(file.start + first, contents, stable))) return "EIO";
      for (const [index, { generation }] of contents.entries()) {
        observer.wrote(file.owner, first + index, 1, generation);
      }
      return "written";
    };
    const answer = yield* this.#rpc.call({ out: contents.length * PAGE_SIZE, in: 0, serve });
    return answer === "written" ? undefined : (answer ?? "EIO");
  }
}

/** The file behind a handle that this mount gave out; it may be gone. */
function fileOf(file: FileHandle): NfsFile {
  return file as NfsFile;
}
