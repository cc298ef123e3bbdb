import type { OwnerId } from "../../block/index.ts";
import { type Pages, pagesOf } from "../../engine/index.ts";
import type { Extent } from "./extent-tree.ts";
import type { TreeItem } from "./tree-item.ts";

/** Bytes of a tree node, the default of mkfs.btrfs, and its header. */
const NODE_SIZE = 16_384;
const NODE_HEADER = 101;
/** What fits in a leaf: items with their headers (BTRFS_LEAF_DATA_SIZE). */
export const LEAF_BYTES: number = NODE_SIZE - NODE_HEADER;
/** Children of an inner node: pointers of 33 bytes (BTRFS_NODEPTRS_PER_BLOCK). */
export const NODE_POINTERS: number = Math.floor(LEAF_BYTES / 33);
export const NODE_BLOCKS: Pages = pagesOf(NODE_SIZE);

/** A node of a tree as the transaction and balance see it: it has a place, and can be given another one. */
export interface MetadataBlock {
  readonly type: "metadata" | "system";
  /** Whose bytes these are for the block layer, and the number of the node's first block among them. */
  readonly owner: OwnerId;
  readonly index: number;
  /** Where it lies; undefined before its first commit. */
  extent: Extent | undefined;
}

/**
 * A node of a subvolume tree (struct extent_buffer). It may be reached from several trees: `refs` counts its parents
 * and roots. A node that was written in an earlier transaction never changes; ctree.ts makes a copy first.
 */
export class TreeBlock implements MetadataBlock {
  readonly type = "metadata";
  readonly level: number;
  /** Transaction that made this version. */
  readonly generation: number;
  /** Subvolume whose tree it was made for (btrfs_header_owner). */
  readonly root: number;
  readonly owner: OwnerId;
  readonly index: number;
  extent: Extent | undefined;
  /** Parents and roots that point here. */
  refs = 1;
  /** References of what it names count for this block and no longer for its tree (BTRFS_BLOCK_FLAG_FULL_BACKREF). */
  fullBackref = false;
  /** First key of each child, or the key of each item. */
  readonly keys: number[];
  /** Of a leaf. */
  readonly items: TreeItem[];
  /** Of an inner node. */
  readonly children: TreeBlock[];
  /** Of a leaf: bytes of its items. */
  bytes: number;

  constructor(shape: {
    level: number;
    generation: number;
    root: number;
    owner: OwnerId;
    index: number;
    keys?: number[];
    items?: TreeItem[];
    children?: TreeBlock[];
    /** Known if the items are those of another node; left out: counted. */
    bytes?: number;
  }) {
    this.level = shape.level;
    this.generation = shape.generation;
    this.root = shape.root;
    this.owner = shape.owner;
    this.index = shape.index;
    this.keys = shape.keys ?? [];
    this.items = shape.items ?? [];
    this.children = shape.children ?? [];
    this.bytes = shape.bytes ?? this.items.reduce((sum, item) => sum + item.bytes, 0);
  }

  /** Slot of the last key that is not above `key`; -1 if all are above. */
  slotOf(key: number): number {
    const { keys } = this;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
