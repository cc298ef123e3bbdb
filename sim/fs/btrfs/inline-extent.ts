import type { Generation } from "../../block/index.ts";
import { ItemType, type TreeItem, treeKey } from "./tree-item.ts";

/** Bytes of an EXTENT_DATA item before inline data, and the item header. */
const INLINE_HEADER = 21 + 25;

/** EXTENT_DATA of a small file: the bytes themselves lie in the leaf and have no place of their own. */
export class InlineExtent implements TreeItem {
  readonly kind = "inline";
  readonly ino: number;
  /** Bytes of data. */
  readonly length: number;
  readonly generation: Generation;

  constructor(ino: number, length: number, generation: Generation) {
    this.ino = ino;
    this.length = length;
    this.generation = generation;
  }

  get key(): number {
    return treeKey(this.ino, ItemType.ExtentData, 0);
  }

  get bytes(): number {
    return INLINE_HEADER + this.length;
  }
}
