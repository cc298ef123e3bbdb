import type { BlockContent, BlockDevice } from "../../block/index.ts";
import { type Actor, type Bytes, type Pages, pagesOf, step } from "../../engine/index.ts";
import type {
  FileOperations,
  GarbageCollection,
  MountOperations,
  OperationResult,
} from "../administration.ts";
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
} from "../filesystem.ts";
import { answer, fileOperations, mountOperations, unlink } from "../vfs/index.ts";
import { checkpointAtMount, checkpointDaemon } from "./checkpoint.ts";
import { defragment } from "./defragment.ts";
import type { F2fsFile } from "./file.ts";
import { directRead, directWrite, readBlock, readFile, writeFile } from "./file-io.ts";
import { check, regionsOf } from "./fsck.ts";
import { garbageCollection } from "./garbage-collection.ts";
import { gcThread } from "./gc-thread.ts";
import { swapActivate } from "./swap-activate.ts";
import { trim } from "./trim.ts";
import { Volume, type VolumeOptions } from "./volume.ts";

/**
 * f2fs on one device, for contrast: a log. Every write of a file goes to a new place, and garbage collection moves what
 * is left in old sections, so that blocks of a file move although nobody does anything to it.
 */
export class F2fs implements Filesystem {
  readonly type = "f2fs";
  readonly copyOnWrite = true;
  readonly superBlockDevice: BlockDevice;
  readonly fileOperations: FileOperations;
  readonly mountOperations: MountOperations;
  readonly garbageCollection: GarbageCollection;
  readonly #volume: Volume;

  constructor(context: FsContext, device: BlockDevice, options: VolumeOptions) {
    this.superBlockDevice = device;
    this.#volume = new Volume(context, device, options);
    this.fileOperations = fileOperations(this.#volume);
    this.mountOperations = mountOperations(this.#volume);
    this.garbageCollection = garbageCollection(this.#volume);
  }

  lookup(path: string): FileHandle | undefined {
    return this.#volume.detached ? undefined : this.#volume.namespace.lookup(path);
  }

  isGone(file: FileHandle): boolean {
    return !this.#of(file).linked;
  }

  usesDevice(device: BlockDevice): boolean {
    return device === this.superBlockDevice;
  }

  files(): readonly FileHandle[] {
    return this.#volume.namespace.files();
  }

  /** `nocow` means nothing here. Pieces lie apart as if another file had been written in turn and was deleted. */
  createFile(spec: FileSpec): Errno | FileHandle {
    const volume = this.#volume;
    const size = pagesOf(spec.size);
    if (volume.namespace.lookup(spec.path)) return "EEXIST";
    if (volume.mayAddFile()) return "ENOSPC";
    const file = volume.addFile(spec.path);
    const errno = size === 0 ? undefined : volume.reserve(file, 0, size);
    if (errno) {
      volume.dropName(file, spec.path);
      return errno;
    }
    file.size = size;
    if (!spec.preallocated) fillAtOnce(volume, file, Math.min(spec.extents, size));
    return file;
  }

  mount(): void {
    const { context, device } = this.#volume;
    checkpointAtMount(this.#volume);
    const daemon = { daemon: true, inside: "filesystem" } as const;
    context.engine.spawn(`f2fs_ckpt-${device.name}`, checkpointDaemon(this.#volume), daemon);
    context.engine.spawn(`f2fs_gc-${device.name}`, gcThread(this.#volume), daemon);
  }

  /** Reserved blocks have no place yet. */
  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined {
    const place = this.#of(file).at(block);
    return place > 0 ? { device: this.superBlockDevice, block: place } : undefined;
  }

  *lockInode(file: FileHandle): Actor<() => void> {
    const { lock } = this.#of(file);
    yield* lock.lockExclusive("inode_lock (swapon)");
    return () => lock.unlockExclusive();
  }

  *readFolio(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return yield* readBlock(this.#volume, this.#of(file), block);
  }

  *swapActivate(file: FileHandle, pages: Pages): Actor<SwapActivation> {
    return yield* swapActivate(this.#volume, this.#of(file), pages);
  }

  /** f2fs_swap_deactivate: the pin goes, even if it was there before. */
  swapDeactivate(file: FileHandle): void {
    this.#of(file).isPinned = false;
    this.#volume.changed(this.#of(file));
    this.setSwapFile(file, false);
  }

  setSwapFile(file: FileHandle, active: boolean): void {
    this.#of(file).isActiveSwap = active;
  }

  *directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    return yield* directWrite(this.#volume, this.#of(file), block, content);
  }

  *directRead(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return yield* directRead(this.#volume, this.#of(file), block);
  }

  *write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    return yield* writeFile(this.#volume, this.#of(file), first, count);
  }

  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    return yield* readFile(this.#volume, this.#of(file), first, count);
  }

  *sync(): Actor {
    yield* this.#volume.commit();
  }

  *defragment(
    file: FileHandle,
    _threshold: Bytes,
    operation: string,
    compress?: string,
  ): Actor<OperationResult> {
    if (compress !== undefined) return answer("EOPNOTSUPP", "");
    return yield* defragment(this.#volume, this.#of(file), operation);
  }

  *unlink(path: string, operation: string): Actor<OperationResult> {
    return yield* unlink(this.#volume, path, operation);
  }

  /** F2FS_IOC_RESIZE_FS only takes sections away from the end, which swap does not meet here. */
  *resize(_size: Bytes): Actor<OperationResult> {
    yield step("f2fs_ioc_resize_fs", this);
    return answer("EOPNOTSUPP", "");
  }

  *trim(_operation: string): Actor<OperationResult> {
    return yield* trim(this.#volume);
  }

  /** The machine has lost power (the devices have been told): goes back to the last checkpoint. `mount` comes next. */
  recover(): void {
    this.#volume.recover();
  }

  holdersOf(place: DeviceBlock): readonly Holder[] {
    const holder = place.device === this.superBlockDevice ? this.#volume.holderOf(place.block) : undefined;
    return holder ? [holder] : [];
  }

  forEachBlock(visit: (file: FileHandle, block: Pages, place: DeviceBlock) => void): void {
    for (const file of this.#volume.namespace.files()) {
      for (let block = 0; block < file.end; block++) {
        if (file.hasContents(block))
          visit(file, block, { device: this.superBlockDevice, block: file.at(block) });
      }
    }
  }

  check(): readonly string[] {
    return check(this.#volume);
  }

  space(): SpaceReport {
    return this.#volume.space();
  }

  regions(device: BlockDevice): readonly Region[] {
    if (device === this.superBlockDevice) return regionsOf(this.#volume);
    return [{ block: 0, count: device.size, kind: "unallocated", owner: undefined }];
  }

  extentsOf(file: FileHandle): number {
    return this.#volume.piecesOf(this.#of(file)).length;
  }

  #of(file: FileHandle): F2fsFile {
    return this.#volume.inodeOf(file);
  }
}

/** Writes every block once without any simulated time. */
function fillAtOnce(volume: Volume, file: F2fsFile, pieces: number): void {
  const { generations, observer } = volume.context;
  const generation = generations.take(file.size);
  const gap = pieces === 1 ? 0 : Math.ceil(file.size / pieces);
  for (let piece = 0; piece < pieces; piece++) {
    const end = Math.floor(((piece + 1) * file.size) / pieces);
    for (let block = Math.floor((piece * file.size) / pieces); block < end; block++) {
      const place = volume.allocate("warmData", file, block);
      volume.setPlace(file, block, place);
      volume.device.contents.write(place, generation + block, file.owner, block);
    }
    volume.logs.skip("warmData", gap);
  }
  observer.wrote(file.owner, 0, file.size, generation);
}
