import type { BlockContent, BlockDevice } from "../../block/index.ts";
import { type Actor, type Bytes, mix, type Pages } from "../../engine/index.ts";
import type {
  FileOperations,
  FilesystemQueries,
  MountOperations,
  OperationResult,
  SubvolumeOperations,
  VolumeOperations,
} from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { DeviceBlock, FileHandle, FileSpec } from "../file-handle.ts";
import type {
  BrokenPromise,
  DiskLayout,
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
import { balanceAtMount } from "./balance.ts";
import { brokenPromises } from "./broken-promises.ts";
import { check, checkReservations, strayPins } from "./check.ts";
import { cleaner, discardWorker } from "./cleaner.ts";
import { methodNamed } from "./compression.ts";
import { createFile } from "./create-file.ts";
import { defragment } from "./defrag.ts";
import { regions } from "./device-map.ts";
import { digest } from "./digest.ts";
import { directRead, directWrite } from "./direct-io.ts";
import { series2014, unlessHeldByV3 } from "./era-2014/series.ts";
import { facts } from "./facts.ts";
import { fileOperations } from "./file-operations.ts";
import { contentNow, placeOfBlock, readFile } from "./file-read.ts";
import { bufferedWrite } from "./file-write.ts";
import { type BtrfsOptions, FsInfo } from "./fs-info.ts";
import { lockForSwapon, underInodeLock } from "./inode-lock.ts";
import { subvolumeOperations, volumeOperations } from "./ioctl.ts";
import { layout } from "./layout.ts";
import { allHoldingMount, holdingMount } from "./mount-users.ts";
import { unlink } from "./namei.ts";
import { fiemap, searchTree } from "./queries.ts";
import { recover } from "./recovery.ts";
import { reflink } from "./reflink.ts";
import { mountOperations } from "./super-operations.ts";
import { swapRw } from "./swap-rw.ts";
import { swapActivate, swapDeactivate } from "./swapfile.ts";
import { trim } from "./trim.ts";
import {
  type ChunkRow,
  chunkRows,
  type FiemapRow,
  fiemapRows,
  forEachBlock,
  holdersOf,
  space,
} from "./views.ts";
import type { WritePath } from "./write-paths/index.ts";

/** btrfs: the entry points, each handed to the file that has the function. */
export class Btrfs implements Filesystem {
  readonly type = "btrfs";
  readonly copyOnWrite = true;
  readonly volume: VolumeOperations;
  readonly subvolumes: SubvolumeOperations;
  readonly fileOperations: FileOperations;
  readonly mountOperations: MountOperations;
  readonly series2014: Series2014;
  readonly queries: FilesystemQueries;
  readonly #info: FsInfo;
  #writePath: WritePath | undefined;

  constructor(context: FsContext, devices: readonly BlockDevice[], options: BtrfsOptions) {
    const info = new FsInfo(context, devices, options);
    this.#info = info;
    this.volume = allHoldingMount(info, volumeOperations(info));
    this.subvolumes = allHoldingMount(info, subvolumeOperations(info), ["send", "waitForCleaner"]);
    this.fileOperations = allHoldingMount(info, fileOperations(info));
    this.mountOperations = mountOperations(info);
    this.series2014 = series2014(info);
    this.queries = {
      fiemap: (file, copyToUser) => fiemap(info, info.inodeOf(file), copyToUser),
      searchTree: (copyToUser) => searchTree(info, copyToUser),
    };
  }

  lookup(path: string): FileHandle | undefined {
    const { detached, unmounted } = this.#info;
    return detached || unmounted ? undefined : this.#info.lookup(path);
  }

  isDirectory(path: string): boolean {
    return this.#info.subvolumeAt(path) !== undefined;
  }

  isGone(file: FileHandle): boolean {
    return this.#info.inodeOf(file).evicted;
  }

  usesDevice(device: BlockDevice): boolean {
    return this.#info.volumes.deviceOf(device) !== undefined;
  }

  files(): readonly FileHandle[] {
    return this.#info.inodes();
  }

  createFile(spec: FileSpec): Errno | FileHandle {
    return createFile(this.#info, spec);
  }

  mount(): void {
    const { context, transactions, options } = this.#info;
    transactions.commitAtMount();
    context.engine.spawn("btrfs-transaction", transactions.commitDaemon(), {
      daemon: true,
      inside: "filesystem",
    });
    context.engine.spawn("btrfs-cleaner", cleaner(this.#info), { daemon: true, inside: "filesystem" });
    const { writePath } = options;
    this.#writePath = writePath?.kind.open(context, writePath.workers, writePath.room);
    if (this.#info.balance) {
      context.engine.spawn("btrfs-balance", balanceAtMount(this.#info), {
        daemon: true,
        inside: "filesystem",
      });
    }
    if (options.discard) {
      context.engine.spawn("btrfs-discard", discardWorker(this.#info), {
        daemon: true,
        inside: "filesystem",
      });
    }
  }

  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined {
    return placeOfBlock(this.#info, this.#info.inodeOf(file), block);
  }

  contentOf(file: FileHandle, block: Pages): BlockContent | undefined {
    const item = this.#info.inodeOf(file).itemAt(block);
    return item && contentNow(this.#info, item, block);
  }

  digest(): number {
    return mix(digest(this.#info), this.#writePath?.digest() ?? 0);
  }

  facts(): ReadonlyMap<string, string> {
    return facts(this.#info);
  }

  notDirect(file: FileHandle, block: Pages): "inline" | "compressed" | undefined {
    const inode = this.#info.inodeOf(file);
    if (block === 0 && inode.inline) return "inline";
    return inode.itemAt(block)?.extent.compressed ? "compressed" : undefined;
  }

  lockInode(file: FileHandle): Actor<() => void> {
    return lockForSwapon(this.#info, this.#info.inodeOf(file));
  }

  readFolio(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return this.directRead(file, block);
  }

  *swapActivate(file: FileHandle, pages: Pages): Actor<SwapActivation> {
    return yield* swapActivate(this.#info, this.#info.inodeOf(file), pages);
  }

  swapDeactivate(file: FileHandle): void {
    swapDeactivate(this.#info, this.#info.inodeOf(file));
  }

  setSwapFile(file: FileHandle, active: boolean): void {
    this.#info.inodeOf(file).isSwapFile = active;
  }

  directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    const write = directWrite(this.#info, this.#info.inodeOf(file), block, content);
    return this.#writePath?.carry(write) ?? write;
  }

  directRead(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return directRead(this.#info, this.#info.inodeOf(file), block);
  }

  swapRw(file: FileHandle, request: SwapRequest): ReturnType<typeof swapRw> {
    const run = swapRw(this.#info, this.#info.inodeOf(file), request);
    return request.operation === "write" && this.#writePath ? this.#writePath.carry(run) : run;
  }

  *write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const info = this.#info;
    const inode = info.unmounted ? undefined : info.lookup(file.path);
    if (!inode) return "ENOENT";
    const run = underInodeLock(info, inode, bufferedWrite(info, inode, first, count));
    return yield* holdingMount(info, "write", run);
  }

  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const info = this.#info;
    const inode = info.unmounted ? undefined : info.lookup(file.path);
    if (!inode) return "ENOENT";
    return yield* holdingMount(info, "read", readFile(info, inode, first, count));
  }

  *sync(): Actor {
    const { series, transactions } = this.#info;
    yield* series.waitOrdered("btrfs_wait_ordered_roots (sync)");
    yield* holdingMount(this.#info, "read", transactions.sync());
  }

  *defragment(
    file: FileHandle,
    threshold: Bytes,
    operation: string,
    compress?: string,
  ): Actor<OperationResult> {
    const method = methodNamed(compress);
    const options = { threshold, ...(method ? { compress: method } : {}) };
    const inode = this.#info.inodeOf(file);
    const run = underInodeLock(this.#info, inode, defragment(this.#info, inode, options, operation));
    const held = unlessHeldByV3(this.#info, [inode], operation, run);
    return yield* holdingMount(this.#info, "write", held);
  }

  *reflink(source: FileHandle, target: string, operation: string): Actor<OperationResult> {
    const inode = this.#info.inodeOf(source);
    const run = underInodeLock(this.#info, inode, reflink(this.#info, inode, target, operation));
    const held = unlessHeldByV3(this.#info, [inode], operation, run);
    return yield* holdingMount(this.#info, "write", held);
  }

  *unlink(path: string, operation: string): Actor<OperationResult> {
    return yield* holdingMount(this.#info, "write", unlink(this.#info, path, operation));
  }

  *trim(_operation: string): Actor<OperationResult> {
    return yield* holdingMount(this.#info, "read", trim(this.#info));
  }

  /**
   * The machine has lost power (the devices have been told): goes back to the last commit. `mount` comes next. Whoever
   * still holds a file of before must let go of it.
   */
  recover(): void {
    recover(this.#info);
  }

  holdersOf(place: DeviceBlock): readonly Holder[] {
    return holdersOf(this.#info, place);
  }

  forEachBlock(visit: VisitBlock): void {
    forEachBlock(this.#info, visit);
  }

  check(): readonly string[] {
    return check(this.#info);
  }

  brokenPromises(): readonly BrokenPromise[] {
    return brokenPromises(this.#info);
  }

  strayPins(): readonly string[] {
    return strayPins(this.#info);
  }

  /** Reservations that nobody holds any more; meaningful only while no operation runs. */
  checkReservations(): readonly string[] {
    return checkReservations(this.#info);
  }

  space(): SpaceReport {
    return space(this.#info);
  }

  regions(device: BlockDevice): Iterable<Region> {
    return regions(this.#info, device);
  }

  /** FIEMAP: the extents of a file in bytes, with logical addresses; neighbours of one kind are one row. */
  fiemap(file: FileHandle): readonly FiemapRow[] {
    return fiemapRows(this.#info.inodeOf(file));
  }

  /** The chunk tree, ascending; addresses in bytes. */
  chunks(): readonly ChunkRow[] {
    return chunkRows(this.#info);
  }

  layout(): DiskLayout {
    return layout(this.#info);
  }

  extentsOf(file: FileHandle): number {
    return this.#info.lookup(file.path)?.extentCount ?? 0;
  }
}
