import { type Actor, type Bytes, KIB, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";

/** Worst case of one item: a path of eight nodes of 16 KiB, twice for an insertion (btrfs_calc_insert_metadata_size). */
export const INSERT_BYTES: Bytes = 256 * KIB;
export const UPDATE_BYTES: Bytes = 128 * KIB;
/** The global reserve: at most this much (btrfs_update_global_block_rsv), for what must not fail. */
const GLOBAL_RESERVE_MAX: Bytes = 512 * MIB;
/** Its least size: 22 insertions (measured on a fresh filesystem of 8 GiB, 6.1: 5767168 bytes). */
const GLOBAL_RESERVE_MIN: Bytes = 22 * INSERT_BYTES;

/** Of the space for chunks, whoever can flush may overcommit an eighth, whoever cannot the half (calc_available_free_space, 6.1). */
const FLUSH_ALL_SHARE = 8;
const NO_FLUSH_SHARE = 2;

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
      : this.#sum("metadata", (group) => group.used);
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

  /** inc_block_group_ro: nothing that is reserved or used needs what is free in the group. */
  canDoWithout({ type, free }: BlockGroup): boolean {
    return this.#canOvercommit(type, free.blocks * PAGE_SIZE, NO_FLUSH_SHARE);
  }

  #fits(bytes: Bytes): boolean {
    return this.#canOvercommit("metadata", bytes, FLUSH_ALL_SHARE);
  }

  /** btrfs_can_overcommit: within the chunks there are, or a share of what could still become such chunks; groups with data never. */
  #canOvercommit(type: GroupType, bytes: Bytes, share: number): boolean {
    const { volumes } = this.#info;
    const total = this.#sum(type, ({ length, excluded }) => length - excluded);
    const used = this.#sum(
      type,
      (group) => group.used + group.reserved + group.pinned + (group.readOnly ? group.free.blocks : 0),
    );
    const promised = type === "system" ? 0 : this.globalReserve + this.#mayUse;
    const { copies } = this.#info.allocProfile(type);
    const holdsData = volumes.homeOf(type) === "mixed";
    const available = holdsData ? 0 : Math.floor(volumes.freeChunkSpace.bytes / copies / share);
    return used + promised + bytes < total + available;
  }

  #makeRoom(bytes: Bytes): boolean {
    return this.#info.allocator.allocateChunk("metadata") !== undefined && this.#fits(bytes);
  }

  #sum(type: GroupType, of: (group: BlockGroup) => Pages): Bytes {
    return this.#info.volumes.groupsOf(type).reduce((sum, group) => sum + of(group), 0) * PAGE_SIZE;
  }
}
