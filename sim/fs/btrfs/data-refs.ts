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

/**
 * The data references of an extent item. Nearly always there is one, so its fields lie here and only further ones have
 * objects of their own: a look at an extent of a large filesystem waits for memory, object by object.
 */
export class DataRefs {
  /** The first reference, none while `#times` is zero. */
  #holder: RefHolder = 0;
  #ino = 0;
  #base: Pages = 0;
  #times = 0;
  #more: DataRef[] | undefined;
  count = 0;

  all(): readonly DataRef[] {
    if (this.#times === 0) return [];
    const first = { holder: this.#holder, ino: this.#ino, base: this.#base, count: this.#times };
    return this.#more ? [first, ...this.#more] : [first];
  }

  add(holder: RefHolder, ino: number, base: Pages): void {
    this.count++;
    if (this.#times === 0) {
      this.#put({ holder, ino, base, count: 1 });
    } else if (this.#isFirst(holder, ino, base)) {
      this.#times++;
    } else {
      const found = this.#more?.find((ref) => isSame(ref, holder, ino, base));
      if (found) found.count++;
      else this.#more = [...(this.#more ?? []), { holder, ino, base, count: 1 }];
    }
  }

  drop(holder: RefHolder, ino: number, base: Pages): void {
    this.count--;
    if (this.#isFirst(holder, ino, base)) {
      assert(this.#times > 0, "a dropped reference was held");
      if (--this.#times === 0 && this.#more) this.#put(this.#withoutMore(this.#more[0]!));
      return;
    }
    const found = this.#more?.find((ref) => isSame(ref, holder, ino, base));
    assert(found !== undefined, "a dropped reference was held");
    if (--found.count === 0) this.#withoutMore(found);
  }

  clear(): void {
    this.#times = 0;
    this.#more = undefined;
    this.count = 0;
  }

  /**
   * check_committed_ref, 5.9 to 6.12: shared unless the item has exactly one reference, by this inode of this subvolume
   * at this offset. What hides behind a shared leaf is not seen (KB-38).
   */
  isSharedFrom(root: number, ino: number, base: Pages): boolean {
    return this.#more !== undefined || this.#times === 0 || !this.#isFirst(root, ino, base);
  }

  #isFirst(holder: RefHolder, ino: number, base: Pages): boolean {
    return this.#holder === holder && this.#ino === ino && this.#base === base;
  }

  #put(ref: DataRef): void {
    this.#holder = ref.holder;
    this.#ino = ref.ino;
    this.#base = ref.base;
    this.#times = ref.count;
  }

  #withoutMore(gone: DataRef): DataRef {
    const rest = this.#more!.filter((ref) => ref !== gone);
    this.#more = rest.length > 0 ? rest : undefined;
    return gone;
  }
}

function isSame(ref: DataRef, holder: RefHolder, ino: number, base: Pages): boolean {
  return ref.holder === holder && ref.ino === ino && ref.base === base;
}
