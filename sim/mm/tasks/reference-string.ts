import { fail, type Pages } from "../../engine/index.ts";
import type { AccessSource } from "../access-pattern.ts";

/** Accesses at most in a string that must be known as a whole: 512 MiB. */
export const REFERENCES_MAX: number = 2 ** 27;

export interface ReferenceStringOptions {
  readonly init: boolean;
  readonly repeat: number;
  readonly open: () => AccessSource;
}

/** The pages that a task will touch, in order: the init phase, then the source as often as it is repeated. */
export function referenceString(pages: Pages, options: ReferenceStringOptions): Uint32Array {
  const string = new GrowingString();
  if (options.init) string.append(Uint32Array.from({ length: pages }, (_, page) => page * 2));
  const batch = new Uint32Array(65_536);
  for (let round = 0; round < options.repeat; round++) {
    const source = options.open();
    for (let count = source.fill(batch); count > 0; count = source.fill(batch)) {
      string.append(batch.subarray(0, count));
    }
  }
  return string.pages();
}

/** A list of numbers that doubles its room. */
class GrowingString {
  #pages = new Uint32Array(65_536);
  #length = 0;

  append(accesses: Uint32Array): void {
    const length = this.#length + accesses.length;
    if (length > REFERENCES_MAX) fail("a reference string that must be known as a whole has an end");
    if (length > this.#pages.length) {
      const larger = new Uint32Array(Math.max(2 * this.#pages.length, length));
      larger.set(this.#pages);
      this.#pages = larger;
    }
    for (let index = 0; index < accesses.length; index++) {
      this.#pages[this.#length + index] = accesses[index]! >>> 1;
    }
    this.#length = length;
  }

  pages(): Uint32Array {
    return this.#pages.subarray(0, this.#length);
  }
}
