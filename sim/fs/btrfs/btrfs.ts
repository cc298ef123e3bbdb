import type { BlockContent, BlockDevice } from "../../block/index.ts";
import { type Actor, type Bytes, mix, PAGE_SIZE, type Pages, pagesOf } from "../../engine/index.ts";
import type {
  ByteRange,
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
import { balance, balanceAtMount, cancelBalance, pauseBalance, resumeBalance } from "./balance.ts";
import { brokenPromises } from "./broken-promises.ts";
import { check, checkReservations, strayPins } from "./check.ts";
import { cleaner, discardWorker } from "./cleaner.ts";
import { methodNamed } from "./compression.ts";
import { cloneFileRange, copyFileRange } from "./copy-range.ts";
import { createFile } from "./create-file.ts";
import { defragment } from "./defrag.ts";
import { replaceDevice } from "./dev-replace.ts";
import type { BtrfsDevice } from "./device.ts";
import { regions } from "./device-map.ts";
import { addDevice, cancelResize, loseDevice, removeDevice, resizeDevice } from "./devices.ts";
import { digest } from "./digest.ts";
import { directRead, directWrite } from "./direct-io.ts";
import { series2014, unlessHeldByV3 } from "./era-2014/series.ts";
import { facts } from "./facts.ts";
import { access } from "./file-access.ts";
import { chattr, setCompression, setDirectoryCompression } from "./file-flags.ts";
import { contentNow, placeOfBlock, readFile } from "./file-read.ts";
import { fallocate, truncate } from "./file-size.ts";
import { bufferedWrite } from "./file-write.ts";
import { type BtrfsOptions, FsInfo } from "./fs-info.ts";
import { writeSmall } from "./inline-write.ts";
import type { Inode } from "./inode.ts";
import { lockForSwapon, underBothLocks, underInodeLock } from "./inode-lock.ts";
import { layout } from "./layout.ts";
import {
  abortTransaction,
  freeze,
  remount,
  setMountOption,
  setProperty,
  thaw,
  umount,
} from "./mount-state.ts";
import { create, link, rename, unlink } from "./namei.ts";
import { failed } from "./operation-result.ts";
import { fiemap, searchTree } from "./queries.ts";
import { recover } from "./recovery.ts";
import { dedupe, reflink } from "./reflink.ts";
import { scrub } from "./scrub.ts";
import { send } from "./send.ts";
import { snapshot } from "./snapshot.ts";
import { createSubvolume, deleteSubvolume, setReadOnly, waitForCleaner } from "./subvolume-operations.ts";
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
    this.volume = volumeOperations(info);
    this.subvolumes = subvolumeOperations(info);
    this.fileOperations = fileOperations(info);
    this.mountOperations = mountOperations(info);
    this.series2014 = series2014(info);
    this.queries = {
      fiemap: (file, copyToUser) => fiemap(info, info.inodeOf(file), copyToUser),
      searchTree: (copyToUser) => searchTree(info, copyToUser),
    };
  }

  lookup(path: string): FileHandle | undefined {
    return this.#info.detached ? undefined : this.#info.lookup(path);
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
    const inode = this.#info.lookup(file.path);
    if (!inode) return "ENOENT";
    return yield* underInodeLock(this.#info, inode, bufferedWrite(this.#info, inode, first, count));
  }

  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const inode = this.#info.lookup(file.path);
    return inode ? yield* readFile(this.#info, inode, first, count) : "ENOENT";
  }

  *sync(): Actor {
    yield* this.#info.series.waitOrdered("btrfs_wait_ordered_roots (sync)");
    yield* this.#info.transactions.commit();
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
    return yield* unlessHeldByV3(this.#info, [inode], operation, run);
  }

  *reflink(source: FileHandle, target: string, operation: string): Actor<OperationResult> {
    const inode = this.#info.inodeOf(source);
    const run = underInodeLock(this.#info, inode, reflink(this.#info, inode, target, operation));
    return yield* unlessHeldByV3(this.#info, [inode], operation, run);
  }

  *unlink(path: string, operation: string): Actor<OperationResult> {
    return yield* unlink(this.#info, path, operation);
  }

  *trim(_operation: string): Actor<OperationResult> {
    return yield* trim(this.#info);
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

function volumeOperations(info: FsInfo): VolumeOperations {
  /** Runs an operation on a device of the filesystem; ENODEV if it is none. */
  function* on(
    device: BlockDevice,
    run: (known: BtrfsDevice) => Actor<OperationResult>,
  ): Actor<OperationResult> {
    const known = info.volumes.deviceOf(device);
    return known ? yield* run(known) : failed("ENODEV", `${device.name} is no device of this filesystem`);
  }
  return {
    balance: (filters, operation) => balance(info, filters, operation),
    pauseBalance: () => pauseBalance(info),
    resumeBalance: (operation) => resumeBalance(info, operation),
    cancelBalance: () => cancelBalance(info),
    addDevice: (device, operation) => addDevice(info, device, operation),
    removeDevice: (device, operation) => on(device, (known) => removeDevice(info, known, operation)),
    replaceDevice: (source, target, operation) =>
      on(source, (known) => replaceDevice(info, known, target, operation)),
    resizeDevice: (device, size, operation) =>
      on(device, (known) => resizeDevice(info, known, Math.floor(size / PAGE_SIZE), operation)),
    cancelResize: () => cancelResize(info),
    scrub: (operation) => scrub(info, operation),
    loseDevice: (device) => on(device, (known) => loseDevice(info, known)),
  };
}

function subvolumeOperations(info: FsInfo): SubvolumeOperations {
  return {
    create: (path, operation) => createSubvolume(info, path, operation),
    delete: (path, operation) => deleteSubvolume(info, path, operation),
    snapshot: (path, target, readOnly, operation) => {
      const inodes = info.subvolumeAt(path)?.inodes.values() ?? [];
      const run = snapshot(info, path, { target, readOnly }, operation);
      return unlessHeldByV3(info, inodes, operation, run);
    },
    setCompression: (path, method, operation) => setDirectoryCompression(info, path, method, operation),
    waitForCleaner: () => waitForCleaner(info),
    setReadOnly: (path, readOnly, operation) => setReadOnly(info, path, readOnly, operation),
    send: (path, operation) => send(info, path, operation),
  };
}

function fileOperations(info: FsInfo): FileOperations {
  const inode = (file: FileHandle): Inode => info.inodeOf(file);
  const blocks = ({ from, to }: ByteRange): { first: Pages; count: Pages } => {
    const first = Math.floor(from / PAGE_SIZE);
    return { first, count: Math.ceil(to / PAGE_SIZE) - first };
  };
  return {
    writeSmall: (file, bytes) => underInodeLock(info, inode(file), writeSmall(info, inode(file), bytes)),
    truncate: (file, size, operation) =>
      underInodeLock(info, inode(file), truncate(info, inode(file), pagesOf(size), operation)),
    fallocate: (file, mode, range, operation) =>
      underInodeLock(info, inode(file), fallocate(info, inode(file), { mode, ...blocks(range) }, operation)),
    copyRange: (source, target, range, operation) => {
      const files = { source: inode(source), target: inode(target) };
      const run = copyFileRange(info, { ...files, ...blocks(range) }, operation);
      const locked = underBothLocks(info, [files.source, files.target], run);
      return unlessHeldByV3(info, Object.values(files), operation, locked);
    },
    create: (path, nocow, operation) => create(info, path, nocow, operation),
    access: (file, kind, operation, range) =>
      access(info, inode(file), kind, { operation, ...(range && blocks(range)) }),
    cloneRange: (source, target, range, operation) => {
      const files = { source: inode(source), target: inode(target) };
      const run = cloneFileRange(info, { ...files, ...blocks(range) }, operation);
      return underBothLocks(info, [files.source, files.target], run);
    },
    link: (file, target, operation) => link(info, inode(file), target, operation),
    rename: (path, target, operation) => rename(info, path, target, operation),
    dedupe: (source, target, operation) => {
      const both = [inode(source), inode(target)] as const;
      const run = underBothLocks(info, both, dedupe(info, ...both, operation));
      return unlessHeldByV3(info, [inode(source), inode(target)], operation, run);
    },
    chattr: (file, change, operation) =>
      underInodeLock(info, inode(file), chattr(info, inode(file), change, operation)),
    setCompression: (file, method, operation) =>
      underInodeLock(info, inode(file), setCompression(info, inode(file), method, operation)),
  };
}

function mountOperations(info: FsInfo): MountOperations {
  return {
    remount: (readOnly, operation) => remount(info, readOnly, operation),
    setMountOption: (option) => setMountOption(info, option),
    setProperty: (what, operation) => setProperty(info, what, operation),
    umount: (lazy, operation) => umount(info, lazy, operation),
    freeze: () => info.series.afterOrdered("btrfs_wait_ordered_roots (freeze)", freeze(info)),
    thaw: () => thaw(info),
    abortTransaction: (errno) => abortTransaction(info, errno),
  };
}
