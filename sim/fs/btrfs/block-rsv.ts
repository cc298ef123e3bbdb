import { type Actor, type Bytes, KIB, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";

/** Worst case of one item: a path of eight nodes of 16 KiB, twice for an insertion (btrfs_calc_insert_metadata_size). */
export const INSERT_BYTES: Bytes = 256 * KIB;
export const UPDATE_BYTES: Bytes = 128 * KIB;
/** The global reserve: at most this much (btrfs_update_global_block_rsv), for what must not fail. */
const GLOBAL_RESERVE_MAX: Bytes = 512 * MIB;
/** Its least size: 22 insertions (measured on a fresh filesystem of 8 GiB, 6.1: 5767168 bytes). */
const GLOBAL_RESERVE_MIN: Bytes = 22 * INSERT_BYTES;

/** Reservations of metadata space: worst cases, given back when the change is made (block-rsv.c, space-info.c). */
export class BlockReserve {
  readonly #info: FsInfo;
  /** Reserved and not given back (bytes_may_use). */
  #mayUse: Bytes = 0;

  constructor(info: FsInfo) {
    this.#info = info;
  }

  get mayUse(): Bytes {
    return this.#mayUse;
  }

  /** Reserve for work that must not fail: truncate, unlink, delayed references. */
  get globalReserve(): Bytes {
    const used = this.#info.volumes.mixed
      ? this.#info.extents.nodeBlocks * PAGE_SIZE
      : this.#sum((group) => group.used);
    return Math.min(GLOBAL_RESERVE_MAX, Math.max(GLOBAL_RESERVE_MIN, used));
  }

  /** Blocks of mixed groups that data must leave alone. */
  get promised(): Pages {
    return Math.ceil((this.globalReserve + this.#mayUse) / PAGE_SIZE);
  }

  /**
   * btrfs_reserve_metadata_bytes: flushes by making a chunk and by committing before it gives up. Whoever gets it calls
   * `release` with the same number.
   */
  *reserve(bytes: Bytes): Actor<Errno | undefined> {
    const info = this.#info;
    if (info.readOnly) return "EROFS";
    yield* info.startWrite();
    if (!this.#fits(bytes) && !this.#makeRoom(bytes)) {
      yield* info.transactions.commit();
      if (!this.#fits(bytes)) return info.readOnly ? "EROFS" : "ENOSPC";
    }
    this.#mayUse += bytes;
    return undefined;
  }

  /** As `reserve`, for work that may take the global reserve: deletions (btrfs_start_transaction_fallback_global_rsv). */
  *reserveFromGlobal(): Actor<Errno | undefined> {
    yield* this.#info.startWrite();
    return this.#info.readOnly ? "EROFS" : undefined;
  }

  release(bytes: Bytes): void {
    this.#mayUse -= bytes;
  }

  /** Recovery: whoever had reserved is gone. */
  clear(): void {
    this.#mayUse = 0;
  }

  /** btrfs_can_overcommit: within the chunks there are, or an eighth of what could still become metadata chunks; mixed: never. */
  #fits(bytes: Bytes): boolean {
    const { volumes } = this.#info;
    const total = this.#sum(({ length, excluded }) => length - excluded);
    const used = this.#sum(
      (group) => group.used + group.reserved + group.pinned + (group.readOnly ? group.free.blocks : 0),
    );
    const { copies } = this.#info.allocProfile("metadata");
    const available = volumes.mixed ? 0 : Math.floor((volumes.unallocated * PAGE_SIZE) / copies / 8);
    return used + this.globalReserve + this.#mayUse + bytes < total + available;
  }

  #makeRoom(bytes: Bytes): boolean {
    return this.#info.allocator.allocateChunk("metadata") !== undefined && this.#fits(bytes);
  }

  #sum(of: (group: BlockGroup) => Pages): Bytes {
    return this.#info.volumes.groupsOf("metadata").reduce((sum, group) => sum + of(group), 0) * PAGE_SIZE;
  }
}
