import sortedBTree from "sorted-btree";

// The package is CommonJS: Node imports its exports, of which the class is one; bundlers and vitest import the class.
const BTree = (sortedBTree.default ?? sortedBTree) as typeof sortedBTree.default;

/** A map ordered by a number (a block, a file offset): look-ups of neighbours take O(log n). */
export class OrderedMap<Value> {
  readonly #tree = new BTree<number, Value>(undefined, (a, b) => a - b);

  /** Where look-ups put what they find, so that they make no array each. */
  readonly #found: [number, Value] = [0, undefined as Value];

  get size(): number {
    return this.#tree.size;
  }

  get(key: number): Value | undefined {
    return this.#tree.get(key);
  }

  set(key: number, value: Value): void {
    this.#tree.set(key, value);
  }

  /** True if there was such a key. */
  delete(key: number): boolean {
    return this.#tree.delete(key);
  }

  clear(): void {
    this.#tree.clear();
  }

  /** The value with the highest key that is not above `key`. */
  atOrBefore(key: number): Value | undefined {
    return this.#tree.getPairOrNextLower(key, this.#found)?.[1];
  }

  /** The value with the lowest key that is not below `key`. */
  atOrAfter(key: number): Value | undefined {
    return this.#tree.getPairOrNextHigher(key, this.#found)?.[1];
  }

  /** All values whose key is at least `from`, ascending. The map must not change meanwhile. */
  *valuesFrom(from: number): Generator<Value, void, undefined> {
    for (const [, value] of this.#tree.entries(from)) yield value;
  }
}
