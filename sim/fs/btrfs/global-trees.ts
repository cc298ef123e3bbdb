import type { Owner } from "../../block/index.ts";
import { type BlockNumber, MIB, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";
import { LEAF_BYTES, type MetadataBlock, NODE_BLOCKS } from "./tree-block.ts";

/** Address space that one leaf of the extent tree describes: 200 extents of mixed sizes. An estimate. */
const BLOCKS_PER_EXTENT_LEAF: Pages = (128 * MIB) / PAGE_SIZE;
/** A leaf of 4-byte checksums covers this many blocks. */
const CHECKSUMS_PER_LEAF: Pages = Math.floor(LEAF_BYTES / 4);
/** Roots, and chunks, that fit in a leaf: ROOT_ITEM 439 bytes, CHUNK_ITEM 112 bytes, and the item headers. */
const ROOTS_PER_LEAF = Math.floor(LEAF_BYTES / (439 + 25));
const CHUNKS_PER_LEAF = Math.floor(LEAF_BYTES / (112 + 25));

type TreeName = "root" | "chunk" | "extent" | "csum" | "dev" | "free space";

interface Leaf extends MetadataBlock {
  readonly key: number;
}

interface Tree {
  readonly owner: Owner;
  readonly leaves: Map<number, Leaf>;
}

/**
 * The trees that no snapshot shares, coarse: a tree is a set of leaves that each describe a range of keys; touching a
 * leaf makes the next commit write it to a new place and free the old one. A tree's root counts as its leaf 0 and is
 * rewritten whenever the tree changes.
 */
export class GlobalTrees {
  readonly #info: FsInfo;
  readonly #trees = new Map<TreeName, Tree>();

  constructor(info: FsInfo) {
    this.#info = info;
  }

  /** An extent item comes, goes or changes, with its checksums if it has any. */
  touchExtent(start: BlockNumber, count: Pages, hasChecksums: boolean): void {
    this.#touchRange("extent", start, count, BLOCKS_PER_EXTENT_LEAF);
    if (hasChecksums) this.#touchRange("csum", start, count, CHECKSUMS_PER_LEAF);
  }

  /** A subvolume's root, or any other root, changes its place. */
  touchRoot(subvolume: number): void {
    this.#touch("root", 1 + Math.floor(subvolume / ROOTS_PER_LEAF));
  }

  /** A chunk comes or goes: the chunk tree lies in SYSTEM chunks. */
  touchChunk(number: number): void {
    this.#touch("chunk", 1 + Math.floor(number / CHUNKS_PER_LEAF));
    this.#touch("dev", 1 + Math.floor(number / CHUNKS_PER_LEAF));
    this.#touch("free space", 1);
  }

  /** Every leaf that is on disk. */
  nodes(): { readonly owner: Owner; readonly block: MetadataBlock }[] {
    return [...this.#trees.values()].flatMap(({ owner, leaves }) =>
      [...leaves.values()].flatMap((block) => (block.extent ? [{ owner, block }] : [])),
    );
  }

  /** Recovery: the trees are written anew at the next commit. */
  forget(): void {
    this.#trees.clear();
    this.touchChunk(0);
  }

  #touchRange(tree: TreeName, first: BlockNumber, count: Pages, perLeaf: Pages): void {
    const last = Math.floor((first + count - 1) / perLeaf);
    for (let leaf = Math.floor(first / perLeaf); leaf <= last; leaf++) this.#touch(tree, 1 + leaf);
  }

  #touch(name: TreeName, key: number): void {
    const tree = this.#tree(name);
    this.#touchLeaf(name, tree, key);
    this.#touchLeaf(name, tree, 0);
  }

  #touchLeaf(name: TreeName, tree: Tree, key: number): void {
    let leaf = tree.leaves.get(key);
    if (!leaf) {
      const type = name === "chunk" ? "system" : "metadata";
      const index = tree.leaves.size * NODE_BLOCKS;
      leaf = { type, owner: tree.owner.id, index, key, extent: undefined };
      tree.leaves.set(key, leaf);
    }
    this.#info.transactions.dirty.add(leaf);
  }

  #tree(name: TreeName): Tree {
    let tree = this.#trees.get(name);
    if (!tree) {
      tree = { owner: this.#info.context.owners.add("metadata", `tree ${name}`), leaves: new Map() };
      this.#trees.set(name, tree);
    }
    return tree;
  }
}
