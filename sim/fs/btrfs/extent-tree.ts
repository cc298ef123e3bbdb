import { HistoryVerb, type OwnerId, type Payload } from "../../block/index.ts";
import { assert, type BlockNumber, type Engine, fail, type Pages } from "../../engine/index.ts";
import { OrderedMap } from "../ordered-map.ts";
import type { BlockGroup } from "./block-group.ts";
import { type DataRef, DataRefs } from "./data-refs.ts";
import type { FileExtent } from "./file-extent.ts";
import type { Reservation } from "./find-free-extent.ts";
import type { MetadataBlock, TreeBlock } from "./tree-block.ts";
import type { Volumes } from "./volumes.ts";

/** Checksums of an extent's blocks: the generation each must hold; a run counts up from its first. */
export type Checksums = { readonly first: number } | Uint32Array;

/** A data reference that is no more. */
interface DroppedRef extends Omit<DataRef, "count"> {
  readonly transaction: number;
}

/** An extent item: a contiguous piece of logical address space and who refers to it. */
export class Extent {
  /** Changes only when balance moves the extent. */
  start: BlockNumber;
  readonly count: Pages;
  /** Transaction in which it was written. */
  readonly generation: number;
  /** Data references; empty for a tree block. */
  readonly refs: DataRefs = new DataRefs();
  /** The last reference that was given up, and when: until that transaction is committed it waits as a delayed reference. */
  lastDrop: DroppedRef | undefined;
  /** Set for a tree block. */
  readonly node: MetadataBlock | undefined;
  /** Of file data in the checksum tree, of a tree block in its header. */
  readonly checksums: Checksums | undefined;
  /** What the blocks decompress to: the file sees more blocks than the disk has. Undefined if they hold the data itself. */
  readonly compressed: Payload | undefined;

  constructor(shape: {
    start: BlockNumber;
    count: Pages;
    generation: number;
    node?: MetadataBlock | undefined;
    checksums?: Checksums | undefined;
    compressed?: Payload | undefined;
  }) {
    this.start = shape.start;
    this.count = shape.count;
    this.generation = shape.generation;
    this.node = shape.node;
    this.checksums = shape.checksums;
    this.compressed = shape.compressed;
  }

  /** Blocks of file data in it (ram_bytes). */
  get ramCount(): Pages {
    return this.compressed?.generation.length ?? this.count;
  }

  get end(): BlockNumber {
    return this.start + this.count;
  }

  /** The generation that a block must hold; undefined without checksums. */
  checksumAt(logical: BlockNumber): number | undefined {
    const { checksums } = this;
    if (checksums === undefined) return undefined;
    const offset = logical - this.start;
    return checksums instanceof Uint32Array ? checksums[offset] : checksums.first + offset;
  }
}

/** What happens to space when its last reference goes: the running transaction pins it. */
export interface ExtentPort {
  pin(group: BlockGroup, start: BlockNumber, count: Pages, lastOwner: OwnerId, index: number): void;
  /** One more entry for the delayed references of the running transaction, whose number it returns. */
  delayedRef(): number;
  /** Who held a file extent, for histories. */
  ownerOf(item: FileExtent, leaf: TreeBlock): OwnerId;
}

/** Extent items and their references (extent-tree.c). */
export class ExtentTree {
  readonly #engine: Engine;
  readonly #volumes: Volumes;
  readonly #port: ExtentPort;
  readonly #extents = new OrderedMap<Extent>();

  constructor(engine: Engine, volumes: Volumes, port: ExtentPort) {
    this.#engine = engine;
    this.#volumes = volumes;
    this.#port = port;
  }

  /** Blocks of all tree nodes. */
  nodeBlocks: Pages = 0;

  get size(): number {
    return this.#extents.size;
  }

  /** The write has ended: the space becomes an extent (insert_reserved_file_extent). */
  insert(
    { group, start, count }: Reservation,
    generation: number,
    more: { node?: MetadataBlock; checksums?: Checksums | undefined; compressed?: Payload } = {},
  ): Extent {
    group.reserved -= count;
    group.used += count;
    group.extentChanges++;
    const extent = new Extent({ start, count, generation, ...more });
    this.#extents.set(start, extent);
    if (extent.node) this.nodeBlocks += count;
    if (group.isQuiet) group.drained.wakeAll();
    return extent;
  }

  /** An item in a leaf names the extent (btrfs_inc_extent_ref). */
  addRef(item: FileExtent, leaf: TreeBlock, full: boolean): void {
    item.extent.refs.add(full ? leaf : leaf.root, item.ino, item.extentBase);
    this.#port.delayedRef();
  }

  /** One reference less; the last one frees the whole extent, however little of it was still in use (book-ending). */
  dropRef(item: FileExtent, leaf: TreeBlock, full: boolean): void {
    const { extent } = item;
    const holder = full ? leaf : leaf.root;
    const { ino, extentBase: base } = item;
    extent.refs.drop(holder, ino, base);
    extent.lastDrop = { holder, ino, base, transaction: this.#port.delayedRef() };
    if (extent.refs.count === 0) this.free(extent, this.#port.ownerOf(item, leaf), item.extentBase);
  }

  /** __btrfs_free_extent: the item goes, the space is pinned until the commit. */
  free(extent: Extent, lastOwner: OwnerId, index: number): void {
    if (this.#extents.get(extent.start) !== extent) fail("a freed extent is in the extent tree");
    this.#extents.delete(extent.start);
    if (extent.node) this.nodeBlocks -= extent.count;
    const group = this.#volumes.groupAt(extent.start);
    group.used -= extent.count;
    group.extentChanges++;
    this.note(HistoryVerb.Freed, extent.start, extent.count, lastOwner, index);
    this.#port.pin(group, extent.start, extent.count, lastOwner, index);
  }

  /**
   * Balance has copied the extent: from now on it lies at its new place, for everybody who names it. This is what
   * replacing the pointers in all trees comes to. Returns the way back, for a crash before the commit.
   */
  relocate(extent: Extent, to: Reservation, lastOwner: OwnerId, index: number): () => void {
    const from = extent.start;
    assert(to.count === extent.count, "an extent keeps its length when it moves");
    this.free(extent, lastOwner, index);
    to.group.reserved -= to.count;
    to.group.used += to.count;
    to.group.extentChanges++;
    extent.start = to.start;
    this.#extents.set(extent.start, extent);
    if (to.group.isQuiet) to.group.drained.wakeAll();
    return () => {
      extent.start = from;
    };
  }

  /** The extent that holds a logical block, if any. */
  at(logical: BlockNumber): Extent | undefined {
    const extent = this.#extents.atOrBefore(logical);
    return extent && logical < extent.end ? extent : undefined;
  }

  /** True if an extent meets [logical, logical + count). */
  anyIn(logical: BlockNumber, count: Pages): boolean {
    if (this.at(logical)) return true;
    const next = this.#extents.atOrAfter(logical);
    return next !== undefined && next.start < logical + count;
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

  /** Forgets everything; recovery walks the trees and puts back what they name. */
  clear(): void {
    this.#extents.clear();
    this.nodeBlocks = 0;
  }

  /** Recovery found an extent that a tree names. */
  restore(extent: Extent): void {
    this.#extents.set(extent.start, extent);
    if (extent.node) this.nodeBlocks += extent.count;
  }

  /** Notes on the devices what happened to blocks. */
  note(verb: number, logical: BlockNumber, count: Pages, owner: OwnerId, index: number): void {
    const group = this.#volumes.groupAt(logical);
    for (const piece of this.#volumes.piecesOf(group, logical, count)) {
      for (const { device, block } of piece.places) {
        const offset = piece.logical - logical;
        device.history.note(this.#engine.now, verb, block, piece.count, owner, index + offset);
      }
    }
  }
}
