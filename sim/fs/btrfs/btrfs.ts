import type { BlockContent, BlockDevice } from "../../block/index.ts";
import { type Actor, type Bytes, PAGE_SIZE, type Pages, pagesOf } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type {
  ByteRange,
  DeviceBlock,
  DiskLayout,
  FileHandle,
  FileOperations,
  FileSpec,
  Filesystem,
  FsContext,
  Holder,
  MountOperations,
  OperationResult,
  Recovery,
  Region,
  SpaceReport,
  SubvolumeOperations,
  SwapActivation,
  VisitBlock,
  VolumeOperations,
} from "../filesystem.ts";
import { balance, cancelBalance, pauseBalance, resumeBalance } from "./balance.ts";
import { check, checkReservations } from "./check.ts";
import { cleaner, discardWorker } from "./cleaner.ts";
import { cloneFileRange, copyFileRange } from "./copy-range.ts";
import { createFile } from "./create-file.ts";
import { defragment } from "./defrag.ts";
import { replaceDevice } from "./dev-replace.ts";
import type { BtrfsDevice } from "./device.ts";
import { regions } from "./device-map.ts";
import { addDevice, cancelResize, loseDevice, removeDevice, resizeDevice } from "./devices.ts";
import { directRead, directWrite } from "./direct-io.ts";
import { access } from "./file-access.ts";
import { chattr, setCompression, setDirectoryCompression } from "./file-flags.ts";
import { placeOfBlock, readFile } from "./file-read.ts";
import { fallocate, truncate } from "./file-size.ts";
import { bufferedWrite } from "./file-write.ts";
import { type BtrfsOptions, FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { layout } from "./layout.ts";
import { abort, freeze, remount, setMountOption, setProperty, thaw, umount } from "./mount-state.ts";
import { create, link, rename, unlink } from "./namei.ts";
import { failed } from "./operation-result.ts";
import { recover } from "./recovery.ts";
import { dedupe, reflink } from "./reflink.ts";
import { scrub } from "./scrub.ts";
import { snapshot } from "./snapshot.ts";
import { createSubvolume, deleteSubvolume, setReadOnly, waitForCleaner } from "./subvolume-operations.ts";
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

/** btrfs: the entry points, each handed to the file that has the function. */
export class Btrfs implements Filesystem {
  readonly type = "btrfs";
  readonly copyOnWrite = true;
  readonly volume: VolumeOperations;
  readonly subvolumes: SubvolumeOperations;
  readonly fileOperations: FileOperations;
  readonly mountOperations: MountOperations;
  readonly #info: FsInfo;

  constructor(context: FsContext, devices: readonly BlockDevice[], options: BtrfsOptions) {
    const info = new FsInfo(context, devices, options);
    this.#info = info;
    this.volume = volumeOperations(info);
    this.subvolumes = subvolumeOperations(info);
    this.fileOperations = fileOperations(info);
    this.mountOperations = mountOperations(info);
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
    context.engine.spawn("btrfs-transaction", transactions.commitDaemon(), { daemon: true });
    context.engine.spawn("btrfs-cleaner", cleaner(this.#info), { daemon: true });
    if (options.discard) {
      context.engine.spawn("btrfs-discard", discardWorker(this.#info), { daemon: true });
    }
  }

  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined {
    return placeOfBlock(this.#info, this.#info.inodeOf(file), block);
  }

  *swapActivate(file: FileHandle, pages: Pages): Actor<SwapActivation> {
    return yield* swapActivate(this.#info, this.#info.inodeOf(file), pages);
  }

  swapDeactivate(file: FileHandle): void {
    swapDeactivate(this.#info, this.#info.inodeOf(file));
  }

  markSwapFile(file: FileHandle, active: boolean): void {
    this.#info.inodeOf(file).swapFile = active;
  }

  directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    return directWrite(this.#info, this.#info.inodeOf(file), block, content);
  }

  directRead(file: FileHandle, block: Pages): ReturnType<Filesystem["directRead"]> {
    return directRead(this.#info, this.#info.inodeOf(file), block);
  }

  *write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const inode = this.#info.lookup(file.path);
    return inode ? yield* bufferedWrite(this.#info, inode, first, count) : "ENOENT";
  }

  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const inode = this.#info.lookup(file.path);
    return inode ? yield* readFile(this.#info, inode, first, count) : "ENOENT";
  }

  *sync(): Actor {
    yield* this.#info.transactions.commit();
  }

  *defragment(file: FileHandle, threshold: Bytes, operation: string): Actor<OperationResult> {
    return yield* defragment(this.#info, this.#info.inodeOf(file), { threshold }, operation);
  }

  *reflink(source: FileHandle, target: string, operation: string): Actor<OperationResult> {
    return yield* reflink(this.#info, this.#info.inodeOf(source), target, operation);
  }

  *unlink(path: string, operation: string): Actor<OperationResult> {
    return yield* unlink(this.#info, path, operation);
  }

  *trim(_operation: string): Actor<OperationResult> {
    return yield* trim(this.#info);
  }

  recover(): Recovery {
    return recover(this.#info);
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
    setCompression: (path, method, operation) => setDirectoryCompression(info, path, method, operation),
    waitForCleaner: () => waitForCleaner(info),
    snapshot: (path, target, readOnly, operation) => snapshot(info, path, { target, readOnly }, operation),
    setReadOnly: (path, readOnly, operation) => setReadOnly(info, path, readOnly, operation),
  };
}

function fileOperations(info: FsInfo): FileOperations {
  const inode = (file: FileHandle): Inode => info.inodeOf(file);
  const blocks = ({ from, to }: ByteRange): { first: Pages; count: Pages } => {
    const first = Math.floor(from / PAGE_SIZE);
    return { first, count: Math.ceil(to / PAGE_SIZE) - first };
  };
  return {
    create: (path, nocow, operation) => create(info, path, nocow, operation),
    access: (file, kind, operation, range) =>
      access(info, inode(file), kind, { operation, ...(range && blocks(range)) }),
    truncate: (file, size, operation) => truncate(info, inode(file), pagesOf(size), operation),
    fallocate: (file, mode, range, operation) =>
      fallocate(info, inode(file), { mode, ...blocks(range) }, operation),
    copyRange: (source, target, range, operation) =>
      copyFileRange(info, { source: inode(source), target: inode(target), ...blocks(range) }, operation),
    cloneRange: (source, target, range, operation) =>
      cloneFileRange(info, { source: inode(source), target: inode(target), ...blocks(range) }, operation),
    link: (file, target, operation) => link(info, inode(file), target, operation),
    rename: (path, target, operation) => rename(info, path, target, operation),
    dedupe: (source, target, operation) => dedupe(info, inode(source), inode(target), operation),
    chattr: (file, change, operation) => chattr(info, inode(file), change, operation),
    setCompression: (file, method, operation) => setCompression(info, inode(file), method, operation),
  };
}

function mountOperations(info: FsInfo): MountOperations {
  return {
    remount: (readOnly, operation) => remount(info, readOnly, operation),
    setMountOption: (option) => setMountOption(info, option),
    setProperty: (what, operation) => setProperty(info, what, operation),
    umount: (lazy, operation) => umount(info, lazy, operation),
    freeze: () => freeze(info),
    thaw: () => thaw(info),
    abort: (error) => abort(info, error),
  };
}
