import type { BlockContent, BlockDevice } from "../../block/index.ts";
import { type Actor, type Bytes, bytesOf, type Pages, pagesOf, step } from "../../engine/index.ts";
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
} from "../filesystem.ts";
import { fileOperations, mountOperations, unlink } from "../vfs/index.ts";
import { defragment } from "./defragment.ts";
import type { Ext4File } from "./file.ts";
import { directRead, directWrite, placeOf, readFile, readFolio, writeFile } from "./file-io.ts";
import { check, regionsOf } from "./fsck.ts";
import { recover } from "./recovery.ts";
import { swapActivate } from "./swap-activate.ts";
import { trimFreeSpace } from "./trim.ts";
import { Volume, type VolumeOptions } from "./volume.ts";

/**
 * ext4 on one device, for contrast: writes go in place, so blocks of a file move only when somebody moves them
 * (e4defrag). Blocks of 4 or 1 KiB, extents, data=ordered. It has no chunks, snapshots or reflinks.
 */
export class Ext4 implements Filesystem {
  readonly type = "ext4";
  readonly copyOnWrite = false;
  readonly superBlockDevice: BlockDevice;
  readonly fileOperations: FileOperations;
  readonly mountOperations: MountOperations;
  readonly #volume: Volume;

  constructor(context: FsContext, device: BlockDevice, options: VolumeOptions) {
    this.superBlockDevice = device;
    this.#volume = new Volume(context, device, options);
    this.fileOperations = fileOperations(this.#volume);
    this.mountOperations = mountOperations(this.#volume);
  }

  lookup(path: string): FileHandle | undefined {
    return this.#volume.detached ? undefined : this.#volume.namespace.lookup(path);
  }

  isGone(file: FileHandle): boolean {
    return !this.#volume.inodeOf(file).linked;
  }

  usesDevice(device: BlockDevice): boolean {
    return device === this.superBlockDevice;
  }

  files(): readonly FileHandle[] {
    return this.#volume.namespace.files();
  }

  /** `nocow` means nothing here: every file is written in place. */
  createFile(spec: FileSpec): Errno | FileHandle {
    const volume = this.#volume;
    const size = pagesOf(spec.size);
    if (volume.namespace.lookup(spec.path)) return "EEXIST";
    if (size > volume.free.blocks) return "ENOSPC";
    const file = volume.addFile(spec.path, size);
    placePieces(volume, file, Math.min(spec.extents, size));
    if (!spec.preallocated && size > 0) fillAtOnce(volume, file);
    return file;
  }

  mount(): void {
    const { context, journal, device } = this.#volume;
    this.#volume.commitAtMount();
    context.engine.spawn(`jbd2/${device.name}-8`, journal.commitDaemon(), {
      daemon: true,
      inside: "filesystem",
    });
  }

  /** Unwritten blocks have a place too (generic_block_bmap; iomap_bmap of 5.5 and later calls them holes). */
  bmap(file: FileHandle, block: Pages): DeviceBlock | undefined {
    const extent = this.#volume.inodeOf(file).extents.at(block);
    return extent && placeOf(this.#volume.device, extent, block);
  }

  *lockInode(file: FileHandle): Actor<() => void> {
    const { lock } = this.#volume.inodeOf(file);
    yield* lock.lockExclusive("inode_lock (swapon)");
    return () => lock.unlockExclusive();
  }

  *readFolio(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return yield* readFolio(this.#volume, this.#volume.inodeOf(file), block);
  }

  *swapActivate(file: FileHandle, pages: Pages): Actor<SwapActivation> {
    return yield* swapActivate(this.#volume, this.#volume.inodeOf(file), pages);
  }

  swapDeactivate(file: FileHandle): void {
    this.setSwapFile(file, false);
  }

  setSwapFile(file: FileHandle, active: boolean): void {
    this.#volume.inodeOf(file).isActiveSwap = active;
  }

  *directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    return yield* directWrite(this.#volume, this.#volume.inodeOf(file), block, content);
  }

  *directRead(file: FileHandle, block: Pages): Actor<Errno | FoundBlock> {
    return yield* directRead(this.#volume, this.#volume.inodeOf(file), block);
  }

  *write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    return yield* writeFile(this.#volume, this.#volume.inodeOf(file), first, count);
  }

  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    return yield* readFile(this.#volume, this.#volume.inodeOf(file), first, count);
  }

  *sync(): Actor {
    yield* this.#volume.journal.commit();
  }

  *defragment(
    file: FileHandle,
    threshold: Bytes,
    operation: string,
    compress?: string,
  ): Actor<OperationResult> {
    if (compress !== undefined)
      return { errno: "EOPNOTSUPP", achieved: "ext4 has no compression", skipped: [] };
    return yield* defragment(this.#volume, this.#volume.inodeOf(file), threshold, operation);
  }

  /** fallocate(FALLOC_FL_PUNCH_HOLE): the range reads as zeroes and has no blocks. */
  *punchHole(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const range = { from: bytesOf(first), to: bytesOf(first + count) };
    return (yield* this.fileOperations.fallocate(file, "punch-hole", range, "")).errno;
  }

  *unlink(path: string, operation: string): Actor<OperationResult> {
    return yield* unlink(this.#volume, path, operation);
  }

  /** Online resize2fs: it can only grow, and the device is in use as a whole already. */
  *resize(size: Bytes): Actor<OperationResult> {
    yield step("EXT4_IOC_RESIZE_FS", this);
    const whole = bytesOf(this.superBlockDevice.size);
    if (size > whole) return { errno: "EINVAL", achieved: "the device is smaller", skipped: [] };
    if (size < whole) return { errno: "EOPNOTSUPP", achieved: "it cannot shrink while mounted", skipped: [] };
    return { errno: undefined, achieved: "it has this size already", skipped: [] };
  }

  *trim(_operation: string): Actor<OperationResult> {
    return yield* trimFreeSpace(this.#volume);
  }

  /** The machine has lost power (the devices have been told): goes back to the last commit. `mount` comes next. */
  recover(): void {
    recover(this.#volume);
  }

  holdersOf(place: DeviceBlock): readonly Holder[] {
    const volume = this.#volume;
    if (place.device !== volume.device) return [];
    const holder = volume.users.holderOf(place.block) ?? volume.tableAt(place.block);
    return holder ? [holder] : [];
  }

  /** Only blocks with contents: an unwritten block shows nobody what lies there. */
  forEachBlock(visit: (file: FileHandle, block: Pages, place: DeviceBlock) => void): void {
    for (const file of this.#volume.namespace.files()) {
      for (const extent of file.extents) {
        if (!extent.written) continue;
        for (let block = extent.first; block < extent.first + extent.count; block++) {
          visit(file, block, placeOf(this.#volume.device, extent, block));
        }
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
    if (device === this.#volume.device) return regionsOf(this.#volume);
    return [{ block: 0, count: device.size, kind: "unallocated", owner: undefined }];
  }

  extentsOf(file: FileHandle): number {
    return this.#volume.inodeOf(file).extents.physicalRuns().length;
  }
}

/**
 * Cuts a file into `pieces` that lie apart: as far as a piece is long, like the files of two programs that append in
 * turn; one block if space is short.
 */
function placePieces(volume: Volume, file: Ext4File, pieces: number): void {
  const { size } = file;
  const roomy = 2 * size <= volume.free.blocks;
  const gap = pieces === 1 ? 0 : roomy ? Math.ceil(size / pieces) : 1;
  let goal = volume.layout.goal;
  for (let piece = 0; piece < pieces; piece++) {
    const first = Math.floor((piece * size) / pieces);
    const end = Math.floor(((piece + 1) * size) / pieces);
    volume.allocate(file, first, end - first, goal);
    goal = (file.extents.goalFor(end - 1) ?? goal) + gap;
  }
}

/** Writes every block once without any simulated time. */
function fillAtOnce(volume: Volume, file: Ext4File): void {
  const { generations, observer } = volume.context;
  const generation = generations.take(file.size);
  for (const { first, count, block } of file.extents) {
    for (let offset = 0; offset < count; offset++) {
      const index = first + offset;
      volume.device.contents.write(block + offset, generation + index, file.owner, index);
    }
  }
  file.extents.markWritten(0, file.size);
  observer.wrote(file.owner, 0, file.size, generation);
}
