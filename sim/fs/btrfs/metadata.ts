import { Bio, type Owner } from "../../block/index.ts";
import { type BlockNumber, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { Extent } from "./extent-tree.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

/** Blocks of a tree node: nodesize 16 KiB, the default of mkfs.btrfs. */
const NODE_BLOCKS: Pages = 4;
/** Blocks of a file, or of address space, that one leaf describes: about 200 items of mixed sizes. An estimate. */
const BLOCKS_PER_LEAF: Pages = 32 * 1024;
/** A leaf of 4-byte checksums covers this many blocks: 16 KiB / 4. */
const CHECKSUMS_PER_LEAF: Pages = 4 * 1024;

interface Tree {
  readonly owner: Owner;
  /** Node by leaf key. */
  readonly leaves: Map<number, Leaf>;
}

interface Leaf {
  /** Number of the leaf in its tree. */
  readonly number: number;
  readonly tree: Tree;
  /** Where it lies since it was last written; undefined before its first commit. */
  extent: Extent | undefined;
}

/**
 * The metadata trees, coarse but real: a tree is a set of leaves that each describe a range of keys; touching a leaf
 * makes the next commit write it to a new place and free the old one. Inner nodes are not modelled; a tree's root
 * counts as its leaf 0 and is rewritten whenever the tree changes.
 */
export class Metadata {
  readonly #info: FsInfo;
  readonly #trees = new Map<string, Tree>();
  #dirty = new Set<Leaf>();

  constructor(info: FsInfo) {
    this.#info = info;
  }

  /** File extent items of a range of a file change. */
  touchFile(inode: Inode, first: Pages, count: Pages): void {
    const base = inode.owner * 65_536;
    this.#touchRange(`fs ${inode.subvolume.path}`, base, first, count, BLOCKS_PER_LEAF);
  }

  /** An extent item comes or goes, with its checksums if it has any. */
  touchExtent(start: BlockNumber, count: Pages, hasChecksums: boolean): void {
    this.#touchRange("extent", 1, start, count, BLOCKS_PER_LEAF);
    if (hasChecksums) this.#touchRange("csum", 1, start, count, CHECKSUMS_PER_LEAF);
  }

  touchRoot(tree: string): void {
    this.#touch(this.#tree(tree), 0);
  }

  /**
   * Gives every touched leaf a new place and submits its write; the old places are pinned by the transaction that is
   * ending. Atomic, so that what is freed later belongs to the next transaction. Undefined means ENOSPC.
   */
  cowDirty(): Bio[] | undefined {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const bios: Bio[] = [];
    for (const leaf of dirty) {
      const written = this.#cow(leaf);
      if (!written) return undefined;
      bios.push(...written);
    }
    return bios;
  }

  /** Every tree block that is on disk. */
  nodes(): { readonly owner: Owner; readonly extent: Extent }[] {
    return [...this.#trees.values()].flatMap(({ owner, leaves }) =>
      [...leaves.values()].flatMap(({ extent }) => (extent ? [{ owner, extent }] : [])),
    );
  }

  /** Balance of a metadata group: its nodes are rewritten elsewhere by the next commit. */
  touchNode(extent: Extent): void {
    for (const { leaves } of this.#trees.values()) {
      for (const leaf of leaves.values()) if (leaf.extent === extent) this.#dirty.add(leaf);
    }
  }

  /** btrfs_cow_block: a new place, the bios that write it, the old place freed. Undefined means ENOSPC. */
  #cow(leaf: Leaf): Bio[] | undefined {
    const { extents, volumes, transactions, context } = this.#info;
    const reservation = extents.reserve("metadata", NODE_BLOCKS, undefined, NODE_BLOCKS);
    if (!reservation) return undefined;
    const { owner } = leaf.tree;
    const index = leaf.number * NODE_BLOCKS;
    const generation = context.generations.take(NODE_BLOCKS);
    if (leaf.extent) extents.free(leaf.extent, owner.id, index);
    leaf.extent = extents.insert(reservation, transactions.generation, { node: { owner: owner.id, index } });
    const bios = volumes
      .groupAt(reservation.start)
      .placesOf(reservation.start)
      .map(({ device, block }) => {
        const bio = Bio.writeRun(block, NODE_BLOCKS, { generation, owner: owner.id, index });
        device.submit(bio);
        return bio;
      });
    bios[0]!.end = () => context.observer.wrote(owner.id, index, NODE_BLOCKS, generation);
    return bios;
  }

  #touchRange(tree: string, base: number, first: Pages, count: Pages, perLeaf: Pages): void {
    const found = this.#tree(tree);
    const last = Math.floor((first + count - 1) / perLeaf);
    for (let leaf = Math.floor(first / perLeaf); leaf <= last; leaf++) this.#touch(found, base + leaf);
    this.#touch(found, 0);
  }

  #touch(tree: Tree, key: number): void {
    let leaf = tree.leaves.get(key);
    if (!leaf) {
      leaf = { number: tree.leaves.size, tree, extent: undefined };
      tree.leaves.set(key, leaf);
    }
    this.#dirty.add(leaf);
  }

  #tree(name: string): Tree {
    let tree = this.#trees.get(name);
    if (!tree) {
      tree = { owner: this.#info.context.owners.add("metadata", `tree ${name}`), leaves: new Map() };
      this.#trees.set(name, tree);
    }
    return tree;
  }

  /** Bytes of all nodes on disk. */
  get bytes(): number {
    return this.nodes().length * NODE_BLOCKS * PAGE_SIZE;
  }
}
