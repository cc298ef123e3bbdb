import { assert, type Pages } from "../../engine/index.ts";
import type { TreeBlock } from "./tree-block.ts";

/** Who counts a reference: a subvolume by its id, or one leaf that several trees share (a shared data reference). */
export type RefHolder = number | TreeBlock;

/** One back reference: `count` items of an inode that place the extent at the same file offset. */
export interface DataRef {
  readonly holder: RefHolder;
  readonly ino: number;
  /** File block at which the extent would begin. */
  readonly base: Pages;
  count: number;
}

/** The data references of an extent item. Nearly always there is one, so it has no list of its own. */
export class DataRefs {
  #only: DataRef | undefined;
  #more: DataRef[] | undefined;
  count = 0;

  all(): readonly DataRef[] {
    if (this.#more) return this.#more;
    return this.#only ? [this.#only] : [];
  }

  /** How many different references there are. */
  get length(): number {
    return this.#more?.length ?? (this.#only ? 1 : 0);
  }

  add(holder: RefHolder, ino: number, base: Pages): void {
    this.count++;
    const found = this.#find(holder, ino, base);
    if (found) found.count++;
    else if (!this.#only) this.#only = { holder, ino, base, count: 1 };
    else this.#more = [...this.all(), { holder, ino, base, count: 1 }];
  }

  drop(holder: RefHolder, ino: number, base: Pages): void {
    const found = this.#find(holder, ino, base);
    assert(found !== undefined, "a dropped reference was held");
    this.count--;
    if (--found.count > 0) return;
    const rest = this.all().filter((ref) => ref !== found);
    this.#only = rest[0];
    this.#more = rest.length > 1 ? rest : undefined;
  }

  clear(): void {
    this.#only = undefined;
    this.#more = undefined;
    this.count = 0;
  }

  /**
   * check_committed_ref, 5.9 to 6.12: shared unless the item has exactly one reference, by this inode of this subvolume
   * at this offset. What hides behind a shared leaf is not seen (KB-38).
   */
  isSharedFrom(root: number, ino: number, base: Pages): boolean {
    const only = this.#only;
    if (this.#more || !only) return true;
    return only.holder !== root || only.ino !== ino || only.base !== base;
  }

  #find(holder: RefHolder, ino: number, base: Pages): DataRef | undefined {
    const matches = (ref: DataRef): boolean => ref.holder === holder && ref.ino === ino && ref.base === base;
    if (this.#more) return this.#more.find(matches);
    return this.#only && matches(this.#only) ? this.#only : undefined;
  }
}
