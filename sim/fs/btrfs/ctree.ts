import { assert } from "../../engine/index.ts";
import { LEAF_BYTES, NODE_POINTERS, type TreeBlock } from "./tree-block.ts";
import type { TreeItem } from "./tree-item.ts";

/** What a tree needs of the filesystem around it. */
export interface TreeServices {
  /** Number of the running transaction. */
  generation(): number;
  /** A new node, which the running transaction will write. */
  create(
    shape: Omit<ConstructorParameters<typeof TreeBlock>[0], "generation" | "owner" | "index">,
  ): TreeBlock;
  /** Nobody points to the node any more: its place is free after the commit (btrfs_free_tree_block). */
  free(node: TreeBlock): void;
  /** Everything that a leaf names gets one more reference, kept for the leaf (`full`) or for its tree. */
  incRef(leaf: TreeBlock, full: boolean): void;
  decRef(leaf: TreeBlock, full: boolean): void;
  /** An item comes to a leaf, or goes: the extent it names gains or loses a reference of the leaf's tree. */
  added(item: TreeItem, leaf: TreeBlock): void;
  dropped(item: TreeItem, leaf: TreeBlock): void;
}

/** A leaf smaller than this tries to join a neighbour (a third of the space, btrfs_del_items). */
const SMALL_LEAF = Math.floor(LEAF_BYTES / 3);

interface Step {
  readonly node: TreeBlock;
  /** Which child the path goes to. */
  slot: number;
}

/**
 * The copy-on-write B-tree of one subvolume (fs/btrfs/ctree.c). A snapshot copies the root node only; everything below
 * is shared until one of the trees changes it, leaf by leaf.
 *
 * Invariant: nodes of earlier transactions never change, so an old root still shows the whole tree as it was.
 */
export class Ctree {
  readonly id: number;
  readonly #services: TreeServices;
  #root: TreeBlock;
  /** Grows with every change, so that a look-up can be remembered as long as it holds. */
  version = 0;

  constructor(id: number, services: TreeServices, root?: TreeBlock) {
    this.id = id;
    this.#services = services;
    this.#root = root ?? services.create({ level: 0, root: id });
  }

  get root(): TreeBlock {
    return this.#root;
  }

  /** Recovery: the tree is what a committed root shows. */
  reset(root: TreeBlock): void {
    this.#root = root;
    this.version++;
  }

  /** The item with the highest key that is not above `key`. */
  atOrBefore(key: number): TreeItem | undefined {
    const leaf = this.leafOf(key);
    const slot = leaf.slotOf(key);
    return slot < 0 ? undefined : leaf.items[slot];
  }

  get(key: number): TreeItem | undefined {
    const item = this.atOrBefore(key);
    return item?.key === key ? item : undefined;
  }

  /** The leaf that holds a key, or would. */
  leafOf(key: number): TreeBlock {
    let node = this.#root;
    while (node.level > 0) node = node.children[Math.max(0, node.slotOf(key))]!;
    return node;
  }

  /** Items with keys in [from, to), ascending. The tree must not change meanwhile. */
  *range(from: number, to: number): Generator<TreeItem, void, undefined> {
    yield* rangeOf(this.#root, from, to);
  }

  /** Adds an item; its key must not be there yet. */
  insert(item: TreeItem): void {
    const { key } = item;
    const path = this.#cowPath(key);
    const leaf = path.at(-1)!.node;
    const slot = leaf.slotOf(key) + 1;
    assert(slot === 0 || leaf.keys[slot - 1] !== key, "a key is in a tree once");
    this.#services.added(item, leaf);
    if (leaf.bytes + item.bytes > LEAF_BYTES) this.#splitLeaf(path, slot, item);
    else place(leaf, slot, item);
    if (slot === 0) fixLowKeys(path);
    this.version++;
  }

  /** Removes an item that is there. */
  delete(item: TreeItem): void {
    const path = this.#cowPath(item.key);
    const leaf = path.at(-1)!.node;
    const slot = leaf.slotOf(item.key);
    assert(leaf.items[slot] === item, "a deleted item is in its tree");
    leaf.keys.splice(slot, 1);
    leaf.items.splice(slot, 1);
    leaf.bytes -= item.bytes;
    this.#services.dropped(item, leaf);
    if (slot === 0 && leaf.keys.length > 0) fixLowKeys(path);
    this.#balance(path);
    this.version++;
  }

  /** Puts an item in the place of one with the same key. */
  replace(old: TreeItem, item: TreeItem): void {
    const path = this.#cowPath(item.key);
    const leaf = path.at(-1)!.node;
    const slot = leaf.slotOf(item.key);
    assert(leaf.items[slot] === old, "a replaced item is in its tree");
    this.#services.added(item, leaf);
    leaf.items[slot] = item;
    leaf.bytes += item.bytes - old.bytes;
    this.#services.dropped(old, leaf);
    this.version++;
  }

  /** Makes the leaf of a key this transaction's own, as a change of an item without effect does (touch). */
  touch(key: number): void {
    this.#cowPath(key);
    this.version++;
  }

  /** btrfs_copy_root: the root of a snapshot. Only this node is copied; what it points to is shared from now on. */
  copyRoot(id: number): TreeBlock {
    this.#root = this.#cowBlock(this.#root);
    const { level, keys, items, children, bytes } = this.#root;
    const copy = this.#services.create({
      level,
      root: id,
      keys: keys.slice(),
      items: items.slice(),
      children: children.slice(),
      bytes,
    });
    this.#incRef(copy, false);
    return copy;
  }

  /** Every node from the root to the leaf of `key`, each of them writable. */
  #cowPath(key: number): Step[] {
    this.#root = this.#cowBlock(this.#root);
    const path: Step[] = [{ node: this.#root, slot: 0 }];
    for (let node = this.#root; node.level > 0; ) {
      const slot = Math.max(0, node.slotOf(key));
      path.at(-1)!.slot = slot;
      const child = this.#cowBlock(node.children[slot]!);
      node.children[slot] = child;
      path.push({ node: child, slot: 0 });
      node = child;
    }
    return path;
  }

  /** btrfs_cow_block: the version of a node that the running transaction may change. */
  #cowBlock(buf: TreeBlock): TreeBlock {
    if (buf.generation === this.#services.generation() && buf.root === this.id && buf.refs === 1) return buf;
    const { level, keys, items, children, bytes } = buf;
    const cow = this.#services.create({
      level,
      root: this.id,
      keys: keys.slice(),
      items: items.slice(),
      children: children.slice(),
      bytes,
    });
    this.#updateRefForCow(buf, cow);
    return cow;
  }

  /** update_ref_for_cow: who keeps which reference when a node splits into the old version and this tree's new one. */
  #updateRefForCow(buf: TreeBlock, cow: TreeBlock): void {
    if (buf.refs > 1) {
      if (buf.root === this.id && !buf.fullBackref) {
        this.#incRef(buf, true);
        buf.fullBackref = true;
      } else {
        this.#incRef(cow, false);
      }
      buf.refs--;
      return;
    }
    if (buf.fullBackref) {
      this.#incRef(cow, false);
      this.#decRef(buf, true);
    }
    this.#services.free(buf);
  }

  #incRef(node: TreeBlock, full: boolean): void {
    if (node.level === 0) this.#services.incRef(node, full);
    else for (const child of node.children) child.refs++;
  }

  #decRef(node: TreeBlock, full: boolean): void {
    if (node.level === 0) this.#services.decRef(node, full);
    else for (const child of node.children) child.refs--;
  }

  /** split_leaf: an append gets a leaf of its own; anything else divides the leaf in the middle. */
  #splitLeaf(path: Step[], slot: number, item: TreeItem): void {
    const leaf = path.at(-1)!.node;
    const appends = slot === leaf.keys.length;
    const cut = appends ? slot : middleOf(leaf);
    const right = this.#services.create({
      level: 0,
      root: this.id,
      keys: leaf.keys.splice(cut),
      items: leaf.items.splice(cut),
    });
    leaf.bytes -= right.bytes;
    if (appends || slot > cut) place(right, slot - cut, item);
    else place(leaf, slot, item);
    this.#insertChild(path, path.length - 2, right);
  }

  /** insert_ptr: `child` follows the child that the path goes through at depth `depth`. */
  #insertChild(path: Step[], depth: number, child: TreeBlock): void {
    if (depth < 0) {
      const old = path[0]!.node;
      this.#root = this.#services.create({
        level: old.level + 1,
        root: this.id,
        keys: [old.keys[0]!, child.keys[0]!],
        children: [old, child],
      });
      return;
    }
    const { node, slot } = path[depth]!;
    node.keys.splice(slot + 1, 0, child.keys[0]!);
    node.children.splice(slot + 1, 0, child);
    if (node.children.length <= NODE_POINTERS) return;
    const cut = node.children.length >>> 1;
    const right = this.#services.create({
      level: node.level,
      root: this.id,
      keys: node.keys.splice(cut),
      children: node.children.splice(cut),
    });
    this.#insertChild(path, depth - 1, right);
  }

  /** What follows a deletion: an empty leaf goes, a small one joins a neighbour if both fit into one. */
  #balance(path: Step[]): void {
    if (path.length === 1) return;
    const leaf = path.at(-1)!.node;
    const { node: parent, slot } = path.at(-2)!;
    if (leaf.keys.length === 0) {
      this.#services.free(leaf);
      this.#removeChild(path, path.length - 2, slot);
      return;
    }
    if (leaf.bytes > SMALL_LEAF) return;
    const [at, other] = slot > 0 ? [slot - 1, slot] : [slot, slot + 1];
    if (other >= parent.children.length) return;
    if (parent.children[at]!.bytes + parent.children[other]!.bytes > LEAF_BYTES) return;
    const left = this.#cowBlock(parent.children[at]!);
    const right = this.#cowBlock(parent.children[other]!);
    parent.children[at] = left;
    left.keys.push(...right.keys);
    left.items.push(...right.items);
    left.bytes += right.bytes;
    this.#services.free(right);
    this.#removeChild(path, path.length - 2, other);
  }

  #removeChild(path: Step[], depth: number, slot: number): void {
    const { node } = path[depth]!;
    node.keys.splice(slot, 1);
    node.children.splice(slot, 1);
    if (depth === 0) {
      if (node.children.length === 1) {
        this.#services.free(node);
        this.#root = node.children[0]!;
      }
      return;
    }
    if (node.children.length === 0) {
      this.#services.free(node);
      this.#removeChild(path, depth - 1, path[depth - 1]!.slot);
    } else if (slot === 0) {
      fixLowKeys(path.slice(0, depth + 1));
    }
  }
}

/** Items of a subtree with keys in [from, to). */
export function* rangeOf(node: TreeBlock, from: number, to: number): Generator<TreeItem, void, undefined> {
  for (let slot = Math.max(0, node.slotOf(from)); slot < node.keys.length; slot++) {
    if (node.keys[slot]! >= to) return;
    if (node.level > 0) yield* rangeOf(node.children[slot]!, from, to);
    else if (node.keys[slot]! >= from) yield node.items[slot]!;
  }
}

/** Every node of a subtree, parents first. */
export function* nodesOf(node: TreeBlock): Generator<TreeBlock, void, undefined> {
  yield node;
  for (const child of node.children) yield* nodesOf(child);
}

function place(leaf: TreeBlock, slot: number, item: TreeItem): void {
  leaf.keys.splice(slot, 0, item.key);
  leaf.items.splice(slot, 0, item);
  leaf.bytes += item.bytes;
}

/** The slot at which half of a leaf's bytes have passed. */
function middleOf(leaf: TreeBlock): number {
  let bytes = 0;
  let slot = 0;
  while (bytes < leaf.bytes / 2) bytes += leaf.items[slot++]!.bytes;
  return slot;
}

/** fixup_low_keys: the first key of a node changed, and so did its parents' pointers to it. */
function fixLowKeys(path: readonly Step[]): void {
  for (let depth = path.length - 1; depth > 0; depth--) {
    const { node } = path[depth]!;
    const { node: parent, slot } = path[depth - 1]!;
    parent.keys[slot] = node.keys[0]!;
    if (slot > 0) return;
  }
}
