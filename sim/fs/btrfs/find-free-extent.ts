import { type BlockNumber, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import { createChunk } from "./chunk-allocator.ts";
import type { ChunkProfile } from "./profiles.ts";
import { NODE_BLOCKS } from "./tree-block.ts";
import type { Volumes } from "./volumes.ts";

/** A piece of free space that a write has been given. */
export interface Reservation {
  readonly group: BlockGroup;
  readonly start: BlockNumber;
  readonly count: Pages;
}

/** Metadata is carved from clusters of this size, so that the nodes of a commit lie together (fetch_cluster_info). */
const CLUSTER_BLOCKS: Pages = (2 * MIB) / PAGE_SIZE;

/** The allocator (find_free_extent, 6.1). */
export class ExtentAllocator {
  readonly #volumes: Volumes;
  readonly #profileOf: (type: GroupType) => ChunkProfile;
  /** What is left of the metadata cluster. */
  #cluster: { group: BlockGroup; next: BlockNumber; readonly end: BlockNumber } | undefined;

  /** `profileOf` tells the profile of new extents: that of existing chunks, or what a balance converts to. */
  constructor(volumes: Volumes, profileOf: (type: GroupType) => ChunkProfile) {
    this.#volumes = volumes;
    this.#profileOf = profileOf;
  }

  /**
   * btrfs_reserve_extent: up to `want` blocks in one piece, at least `min`. A request larger than any hole gets a new
   * chunk before it is halved. Undefined means ENOSPC.
   */
  reserve(
    type: GroupType,
    want: Pages,
    hint: BlockNumber | undefined,
    min: Pages = 1,
  ): Reservation | undefined {
    for (let size = want; size >= min; ) {
      const found = this.findFreeExtent(type, size, hint);
      if (found) return take(found);
      if (size === min) return undefined;
      size = Math.max(min, Math.min(size >> 1, this.#largestHole(type)));
    }
    return undefined;
  }

  /** A node of 16 KiB. */
  reserveTreeBlock(type: "metadata" | "system"): Reservation | undefined {
    const found = (type === "metadata" && this.#findInCluster()) || this.findFreeExtent(type, NODE_BLOCKS);
    return found ? take(found) : undefined;
  }

  /** The write did not happen: the space is free again. */
  unreserve({ group, start, count }: Reservation): void {
    group.reserved -= count;
    group.free.give(start, count);
    if (group.isQuiet) group.drained.wakeAll();
  }

  /** Recovery: the cluster may lie in a group that never was. */
  forget(): void {
    this.#cluster = undefined;
  }

  /** Free blocks that new extents of this type could use, without new chunks. */
  freeBlocks(type: GroupType): Pages {
    return this.#usable(type).reduce((sum, group) => sum + group.free.blocks, 0);
  }

  /** btrfs_chunk_alloc: a new chunk of the profile that the type has now. */
  allocateChunk(type: GroupType): BlockGroup | undefined {
    return createChunk(this.#volumes, type, this.#profileOf(type));
  }

  /** First fit from the hint in its group; elsewhere the longest hole of a group; then a new chunk. */
  findFreeExtent(type: GroupType, size: Pages, hint?: BlockNumber): Reservation | undefined {
    const profile = this.#profileOf(type);
    const hinted = hint === undefined ? undefined : this.#hinted(type, profile, hint);
    if (hinted && hint !== undefined && holds(hinted, size)) {
      for (const run of hinted.free.runsFrom(hint)) {
        if (run.count >= size) return { group: hinted, start: run.block, count: size };
      }
    }
    const group = this.#firstOf(type, size) ?? this.allocateChunk(type);
    return group && holds(group, size)
      ? { group, start: group.free.longest()!.block, count: size }
      : undefined;
  }

  #hinted(type: GroupType, profile: ChunkProfile, hint: BlockNumber): BlockGroup | undefined {
    const group = this.#volumes.findGroup(hint);
    return group?.type === this.#volumes.homeOf(type) && hasBits(group, profile) && !group.readOnly
      ? group
      : undefined;
  }

  /** Nodes first-fit inside the cluster; a new cluster is the first run from a group's start that is large enough. */
  #findInCluster(): Reservation | undefined {
    const cluster = this.#cluster;
    const profile = this.#profileOf("metadata");
    if (cluster && !cluster.group.readOnly && !cluster.group.removed && hasBits(cluster.group, profile)) {
      for (const run of cluster.group.free.runsFrom(cluster.next)) {
        if (run.block + NODE_BLOCKS > cluster.end) break;
        if (run.count < NODE_BLOCKS) continue;
        cluster.next = run.block + NODE_BLOCKS;
        return { group: cluster.group, start: run.block, count: NODE_BLOCKS };
      }
    }
    this.#cluster = undefined;
    const group = this.#firstOf("metadata", CLUSTER_BLOCKS);
    if (!group) return undefined;
    const run = group.free.firstFit(group.start, CLUSTER_BLOCKS)!;
    this.#cluster = { group, next: run.block + NODE_BLOCKS, end: run.block + CLUSTER_BLOCKS };
    return { group, start: run.block, count: NODE_BLOCKS };
  }

  /** The first group that holds so many blocks in one piece; one of just the wanted profile, if there is any. */
  #firstOf(type: GroupType, size: Pages): BlockGroup | undefined {
    const profile = this.#profileOf(type);
    let other: BlockGroup | undefined;
    for (const group of this.#volumes.groupsOf(type)) {
      if (group.readOnly || !hasBits(group, profile) || !holds(group, size)) continue;
      if (group.profile === profile) return group;
      other ??= group;
    }
    return other;
  }

  /** Groups that new extents may go to. */
  #usable(type: GroupType): BlockGroup[] {
    const profile = this.#profileOf(type);
    return this.#volumes.groupsOf(type).filter((group) => !group.readOnly && hasBits(group, profile));
  }

  #largestHole(type: GroupType): Pages {
    let largest = 0;
    for (const group of this.#usable(type)) largest = Math.max(largest, group.free.longest()?.count ?? 0);
    return largest;
  }
}

function holds({ free }: BlockGroup, size: Pages): boolean {
  return free.blocks >= size && free.longest()!.count >= size;
}

/** block_group_bits: what needs no bit goes to any group. */
function hasBits(group: BlockGroup, profile: ChunkProfile): boolean {
  return !profile.hasBit || group.profile === profile;
}

function take(found: Reservation): Reservation {
  found.group.free.take(found.start, found.count);
  found.group.reserved += found.count;
  return found;
}
