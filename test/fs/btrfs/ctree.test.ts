import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ctree, nodesOf, type TreeServices } from "../../../sim/fs/btrfs/ctree.ts";
import { LEAF_BYTES, TreeBlock } from "../../../sim/fs/btrfs/tree-block.ts";
import type { TreeItem } from "../../../sim/fs/btrfs/tree-item.ts";

/** An item of a given size under a given key. */
const item = (key: number, bytes: number): TreeItem => ({ kind: "entry", key, bytes });

/** The filesystem around some trees, as far as they need one: it counts nodes and who refers to items. */
class Services implements TreeServices {
  transaction = 1;
  #made = 0;
  readonly freed = new Set<TreeBlock>();
  /** References of each item: one for every leaf, or tree, that names it. */
  readonly refs = new Map<TreeItem, number>();

  generation(): number {
    return this.transaction;
  }

  create(shape: Parameters<TreeServices["create"]>[0]): TreeBlock {
    return new TreeBlock({ ...shape, generation: this.transaction, owner: 1, index: this.#made++ });
  }

  free(node: TreeBlock): void {
    expect(this.freed.has(node)).toBe(false);
    this.freed.add(node);
  }

  incRef(leaf: TreeBlock): void {
    for (const each of leaf.items) this.added(each);
  }

  decRef(leaf: TreeBlock): void {
    for (const each of leaf.items) this.dropped(each);
  }

  added(each: TreeItem): void {
    this.refs.set(each, (this.refs.get(each) ?? 0) + 1);
  }

  dropped(each: TreeItem): void {
    this.refs.set(each, this.refs.get(each)! - 1);
  }
}

const contents = (tree: Ctree): readonly number[] => [...tree.range(0, 1e9)].map(({ key }) => key);

describe("a copy-on-write tree", () => {
  const change = fc.record({
    kind: fc.constantFrom("insert", "insert", "insert", "delete", "commit", "snapshot"),
    key: fc.integer({ min: 0, max: 300 }),
    bytes: fc.integer({ min: 100, max: 3000 }),
    tree: fc.integer({ min: 0, max: 3 }),
  });

  it("holds what a sorted map holds, in every snapshot, and counts parents and references right", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 80, maxLength: 200 }), (changes) => {
        const services = new Services();
        const trees = [new Ctree(5, services)];
        const models = [new Map<number, TreeItem>()];
        const committed: { root: TreeBlock; keys: readonly number[] }[] = [];
        for (const { kind, key, bytes, tree: at } of changes) {
          const tree = trees[at % trees.length]!;
          const model = models[at % trees.length]!;
          if (kind === "insert" && !model.has(key)) {
            model.set(key, item(key, bytes));
            tree.insert(model.get(key)!);
          } else if (kind === "delete" && model.has(key)) {
            tree.delete(model.get(key)!);
            model.delete(key);
          } else if (kind === "commit") {
            committed.push({ root: tree.root, keys: contents(tree) });
            services.transaction++;
          } else if (kind === "snapshot" && trees.length < 4) {
            const id = 256 + trees.length;
            trees.push(new Ctree(id, services, tree.copyRoot(id)));
            models.push(new Map(model));
            services.transaction++;
          }
        }
        for (const [index, tree] of trees.entries()) {
          expect(contents(tree)).toEqual([...models[index]!.keys()].toSorted((a, b) => a - b));
        }
        checkNodes(services, trees);
        for (const { root, keys } of committed) {
          expect(contents(new Ctree(1, services, root))).toEqual(keys);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("fills its leaves when keys ascend, and frees them when all are deleted", () => {
    const services = new Services();
    const tree = new Ctree(5, services);
    const items = Array.from({ length: 2000 }, (_, key) => item(key, 78));
    for (const each of items) tree.insert(each);
    const leaves = [...nodesOf(tree.root)].filter(({ level }) => level === 0);
    expect(leaves).toHaveLength(Math.ceil(2000 / Math.floor(LEAF_BYTES / 78)));
    for (const each of items) tree.delete(each);
    expect(contents(tree)).toEqual([]);
    expect([...nodesOf(tree.root)].length).toBeLessThan(4);
  });
});

/** Nodes reached from the trees: each counts its parents, none is freed, and items count the leaves that name them. */
function checkNodes(services: Services, trees: readonly Ctree[]): void {
  const parents = new Map<TreeBlock, number>();
  const visit = (node: TreeBlock): void => {
    const seen = parents.get(node) ?? 0;
    parents.set(node, seen + 1);
    if (seen === 0) for (const child of node.children) visit(child);
  };
  for (const tree of trees) visit(tree.root);
  const named = new Map<TreeItem, number>();
  for (const [node, count] of parents) {
    expect(node.refs).toBe(count);
    expect(services.freed.has(node)).toBe(false);
    expect(node.bytes).toBeLessThanOrEqual(LEAF_BYTES);
    for (const each of node.items) named.set(each, (named.get(each) ?? 0) + 1);
  }
  for (const [each, count] of services.refs) expect(count).toBe(named.get(each) ?? 0);
}
