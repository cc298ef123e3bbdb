import type { BlockContent, BlockDevice } from "../../block/index.ts";
import type { Actor, Bytes, Duration, Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type {
  BalanceFilters,
  DeviceBlock,
  FileHandle,
  FileSpec,
  Filesystem,
  FsContext,
  Holder,
  OperationResult,
  Region,
  SpaceReport,
  SwapActivation,
} from "../filesystem.ts";
import type { GroupType } from "./block-group.ts";
import { check } from "./check.ts";
import { reflink, unlink } from "./clone-and-unlink.ts";
import { createFile } from "./create-file.ts";
import { defragment } from "./defrag.ts";
import { directRead, directWrite } from "./direct-io.ts";
import { placeOfBlock, readFile } from "./file-read.ts";
import { writeLocked } from "./file-write.ts";
import { FsInfo } from "./fs-info.ts";
import type { ChunkProfile } from "./profiles.ts";
import { balance } from "./relocation.ts";
import { snapshot } from "./snapshot.ts";
import { swapActivate, swapDeactivate } from "./swapfile.ts";
import { trim } from "./trim.ts";
import { forEachBlock, holdersOf, regions, space } from "./views.ts";

/** btrfs: the entry points, each handed to the file that has the function. */
export class Btrfs implements Filesystem {
  readonly type = "btrfs";
  readonly copyOnWrite = true;
  readonly #info: FsInfo;

  constructor(
    context: FsContext,
    devices: readonly BlockDevice[],
    profiles: Readonly<Record<GroupType, ChunkProfile>>,
    commitInterval: Duration,
  ) {
    this.#info = new FsInfo(context, devices, profiles, commitInterval);
  }

  lookup(path: string): FileHandle | undefined {
    return this.#info.lookup(path);
  }

  files(): readonly FileHandle[] {
    return this.#info.inodes();
  }

  createFile(spec: FileSpec): Errno | FileHandle {
    return createFile(this.#info, spec);
  }

  mount(): void {
    const { context, transactions } = this.#info;
    context.engine.spawn("btrfs-transaction", transactions.commitDaemon(), { daemon: true });
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

  directWrite(file: FileHandle, block: Pages, content: BlockContent): Actor<Errno | undefined> {
    return directWrite(this.#info, this.#info.inodeOf(file), block, content);
  }

  directRead(file: FileHandle, block: Pages): ReturnType<Filesystem["directRead"]> {
    return directRead(this.#info, this.#info.inodeOf(file), block);
  }

  *write(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const inode = this.#info.lookup(file.path);
    if (!inode) return "ENOENT";
    if (inode.subvolume.readOnly) return "EROFS";
    if (inode.swapActive) return "ETXTBSY";
    const generation = this.#info.context.generations.take(count);
    yield* inode.lock.lock("lock_extent (write)", first, first + count);
    const run = { generation, owner: inode.owner, index: first };
    const errno = yield* writeLocked(this.#info, inode, { first, count, run });
    inode.lock.unlock(first, first + count);
    return errno;
  }

  *read(file: FileHandle, first: Pages, count: Pages): Actor<Errno | undefined> {
    const inode = this.#info.lookup(file.path);
    return inode ? yield* readFile(this.#info, inode, first, count) : "ENOENT";
  }

  *sync(): Actor {
    yield* this.#info.transactions.commit();
  }

  *balance(filters: BalanceFilters, operation: string): Actor<OperationResult> {
    return yield* balance(this.#info, filters, operation);
  }

  *defragment(file: FileHandle, threshold: Bytes, operation: string): Actor<OperationResult> {
    return yield* defragment(this.#info, this.#info.inodeOf(file), threshold, operation);
  }

  *snapshot(subvolume: string, target: string, operation: string): Actor<OperationResult> {
    return yield* snapshot(this.#info, subvolume, target, operation);
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

  holdersOf(place: DeviceBlock): readonly Holder[] {
    return holdersOf(this.#info, place);
  }

  forEachBlock(visit: (file: FileHandle, block: Pages, place: DeviceBlock) => void): void {
    forEachBlock(this.#info, visit);
  }

  check(): readonly string[] {
    return check(this.#info);
  }

  space(): SpaceReport {
    return space(this.#info);
  }

  regions(device: BlockDevice): readonly Region[] {
    return regions(this.#info, device);
  }

  extentsOf(file: FileHandle): number {
    return this.#info.lookup(file.path)?.itemCount ?? 0;
  }
}
