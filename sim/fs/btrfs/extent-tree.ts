import { HistoryVerb, type OwnerId } from "../../block/index.ts";
import { assert, type BlockNumber, type Engine, fail, type Pages } from "../../engine/index.ts";
import { OrderedMap } from "../ordered-map.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { FileExtent } from "./inode.ts";
import type { ChunkProfile } from "./profiles.ts";
import type { Volumes } from "./volumes.ts";

/** Checksums of an extent's blocks: the generation each must hold; a run counts up from its first. */
export type Checksums = { readonly first: number } | Uint32Array;

/** An extent item: a contiguous piece of logical address space and who refers to it. */
export interface Extent {
  readonly start: BlockNumber;
  readonly count: Pages;
  /** Transaction in which it was written. */
  readonly generation: number;
  /** File extent items that refer to it (data back references). */
  readonly refs: Set<FileExtent>;
  /** Set for a tree block: its tree and its first block's number in it. */
  readonly node: { readonly owner: OwnerId; readonly index: number } | undefined;
  checksums: Checksums | undefined;
}

/** A piece of free space that a write has been given. */
export interface Reservation {
  readonly group: BlockGroup;
  readonly start: BlockNumber;
  readonly count: Pages;
}

/** What happens to space when its last reference goes: the running transaction pins it. */
export type PinExtent = (
  group: BlockGroup,
  start: BlockNumber,
  count: Pages,
  lastOwner: OwnerId,
  index: number,
) => void;

/** Extent items, references and the allocator (extent-tree.c). */
export class ExtentTree {
  readonly #engine: Engine;
  readonly #volumes: Volumes;
  readonly #profiles: Readonly<Record<GroupType, ChunkProfile>>;
  readonly #pin: PinExtent;
  readonly #extents = new OrderedMap<Extent>();

  constructor(
    engine: Engine,
    volumes: Volumes,
    profiles: Readonly<Record<GroupType, ChunkProfile>>,
    pin: PinExtent,
  ) {
    this.#engine = engine;
    this.#volumes = volumes;
    this.#profiles = profiles;
    this.#pin = pin;
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
      const found = this.#findFree(type, size, hint) ?? this.#findInNewChunk(type, size);
      if (found) return this.#take(found, size);
      if (size === min) return undefined;
      size = Math.max(min, Math.min(size >> 1, this.#largestHole(type)));
    }
    return undefined;
  }

  /** The write did not happen: the space is free again. */
  unreserve({ group, start, count }: Reservation): void {
    group.reserved -= count;
    group.free.give(start, count);
    if (group.isQuiet) group.drained.wakeAll();
  }

  /** The write has ended: the space becomes an extent (insert_reserved_file_extent). */
  insert(
    { group, start, count }: Reservation,
    generation: number,
    more: { node?: Extent["node"]; checksums?: Checksums } = {},
  ): Extent {
    group.reserved -= count;
    group.used += count;
    const extent: Extent = {
      start,
      count,
      generation,
      refs: new Set(),
      node: more.node,
      checksums: more.checksums,
    };
    this.#extents.set(start, extent);
    if (group.isQuiet) group.drained.wakeAll();
    return extent;
  }

  /** One reference less; the last one frees the whole extent, however little of it was still in use (book-ending). */
  dropRef(extent: Extent, item: FileExtent): void {
    assert(extent.refs.delete(item), "a dropped reference was held");
    if (extent.refs.size === 0) this.free(extent, item.inode.owner, item.fileBlock - item.offset);
  }

  /** __btrfs_free_extent: the item goes, the space is pinned until the commit. */
  free(extent: Extent, lastOwner: OwnerId, index: number): void {
    if (!this.#extents.delete(extent.start)) fail("a freed extent is in the extent tree");
    const group = this.#volumes.groupAt(extent.start);
    group.used -= extent.count;
    for (const { device, block } of group.placesOf(extent.start)) {
      device.history.note(this.#engine.now, HistoryVerb.Freed, block, extent.count, lastOwner, index);
    }
    this.#pin(group, extent.start, extent.count, lastOwner, index);
  }

  /** The extent that holds a logical block, if any. */
  at(logical: BlockNumber): Extent | undefined {
    const extent = this.#extents.atOrBefore(logical);
    return extent && logical < extent.start + extent.count ? extent : undefined;
  }

  /** Extents of a group, ascending, as they are now. */
  inGroup(group: BlockGroup): Extent[] {
    const extents: Extent[] = [];
    for (const extent of this.#extents.valuesFrom(group.start)) {
      if (extent.start >= group.end) break;
      extents.push(extent);
    }
    return extents;
  }

  all(): Iterable<Extent> {
    return this.#extents.valuesFrom(0);
  }

  /** Free blocks that new extents of this type could use, without new chunks. */
  freeBlocks(type: GroupType): Pages {
    return this.#usable(type).reduce((sum, group) => sum + group.free.blocks, 0);
  }

  #usable(type: GroupType): BlockGroup[] {
    return this.#volumes.groups().filter((group) => group.type === type && !group.readOnly);
  }

  /** find_free_extent: first fit from the hint in its group; elsewhere the longest hole of a group. */
  #findFree(type: GroupType, size: Pages, hint: BlockNumber | undefined): Reservation | undefined {
    const groups = this.#usable(type);
    const hinted = hint === undefined ? undefined : groups.find((group) => group.holds(hint));
    if (hinted && hint !== undefined) {
      for (const run of hinted.free.runsFrom(hint)) {
        if (run.count >= size) return { group: hinted, start: run.block, count: size };
      }
    }
    for (const group of groups) {
      if (group.free.blocks < size) continue;
      const longest = group.free.longest();
      if (longest && longest.count >= size) return { group, start: longest.block, count: size };
    }
    return undefined;
  }

  #findInNewChunk(type: GroupType, size: Pages): Reservation | undefined {
    const group = this.#volumes.createChunk(type, this.#profiles[type]);
    return group && group.length >= size ? { group, start: group.start, count: size } : undefined;
  }

  #largestHole(type: GroupType): Pages {
    let largest = 0;
    for (const group of this.#usable(type)) largest = Math.max(largest, group.free.longest()?.count ?? 0);
    return largest;
  }

  #take({ group, start }: Reservation, size: Pages): Reservation {
    group.free.take(start, size);
    group.reserved += size;
    return { group, start, count: size };
  }
}
