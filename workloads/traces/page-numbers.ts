/** Multiplier of Fibonacci hashing, 2^32 / golden ratio. */
const GOLDEN = 0x9e37_79b1;

/** Numbers pages in the order in which they are first seen. A hash table in typed arrays, 24 bytes a page or less. */
export class PageNumbers {
  /** Pages by number; only the first `count` are meant. */
  #pages = new Float64Array(1024);
  /** Number + 1 by hash; 0 is a free place. */
  #places = new Uint32Array(4096);
  #shift = 32 - 12;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The pages in ascending order. */
  sorted(): Float64Array {
    return this.#pages.slice(0, this.#count).sort((a, b) => a - b);
  }

  /** The number of a page (a whole number below 2^53), which is a new one if the page was not seen before. */
  numberOf(page: number): number {
    const mask = this.#places.length - 1;
    let place = Math.imul(page | 0, GOLDEN) >>> this.#shift;
    for (let taken = this.#places[place]!; taken !== 0; taken = this.#places[place]!) {
      if (this.#pages[taken - 1] === page) return taken - 1;
      place = (place + 1) & mask;
    }
    this.#places[place] = this.#count + 1;
    return this.#add(page);
  }

  #add(page: number): number {
    const number = this.#count++;
    this.#pages[number] = page;
    if (this.#count === this.#pages.length) this.#grow();
    return number;
  }

  #grow(): void {
    const pages = new Float64Array(this.#pages.length * 2);
    pages.set(this.#pages);
    this.#pages = pages;
    this.#places = new Uint32Array(this.#places.length * 2);
    this.#shift--;
    const mask = this.#places.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let place = Math.imul(pages[number]! | 0, GOLDEN) >>> this.#shift;
      while (this.#places[place] !== 0) place = (place + 1) & mask;
      this.#places[place] = number + 1;
    }
  }
}
