import type { Pages } from "../engine/index.ts";
import type { PageNumber } from "./replacement.ts";

/**
 * Doubly linked lists of pages, numbered from 1; a page is on one of them at most, and list 0 stands for none.
 *
 * The links of a page lie next to each other, so that they share a cache line. Each list is a ring closed by a node
 * of its own, which stands in the array before the pages: no end needs a case.
 */
export class PageLists {
  /** List that each page is on. */
  on: Uint8Array;
  /** Next and previous node of each node; the node of list k is k, that of page p is p + lists + 1. */
  #links: Int32Array;
  readonly #first: number;
  readonly #sizes: Int32Array;

  constructor(lists: number, pages: Pages) {
    this.#first = lists + 1;
    this.#sizes = new Int32Array(lists + 1);
    this.on = new Uint8Array(pages);
    this.#links = new Int32Array(2 * (pages + this.#first));
    for (let list = 0; list <= lists; list++) this.#links.fill(list, 2 * list, 2 * list + 2);
  }

  size(list: number): Pages {
    return this.#sizes[list]!;
  }

  /** The page that has been on the list longest since it was put in front. The list is not empty. */
  last(list: number): PageNumber {
    return this.#links[2 * list + 1]! - this.#first;
  }

  /** Puts a page that is on no list in front of one. */
  addFirst(list: number, page: PageNumber): void {
    this.on[page] = list;
    this.#sizes[list]!++;
    this.#linkFirst(list, page + this.#first);
  }

  /** Takes a page off its list. */
  remove(page: PageNumber): void {
    this.#sizes[this.on[page]!]!--;
    this.on[page] = 0;
    this.#unlink(page + this.#first);
  }

  /** Takes the last page off a list that is not empty. */
  removeLast(list: number): PageNumber {
    const page = this.last(list);
    this.remove(page);
    return page;
  }

  /** Takes a page off its list and puts it in front of another one. */
  move(page: PageNumber, list: number): void {
    this.remove(page);
    this.addFirst(list, page);
  }

  /** Brings a page that is on some list to the front of that list. */
  moveFirst(page: PageNumber): void {
    const node = page + this.#first;
    this.#unlink(node);
    this.#linkFirst(this.on[page]!, node);
  }

  grow(pages: Pages): void {
    const on = new Uint8Array(pages);
    on.set(this.on);
    this.on = on;
    const links = new Int32Array(2 * (pages + this.#first));
    links.set(this.#links);
    this.#links = links;
  }

  #linkFirst(list: number, node: number): void {
    const links = this.#links;
    const next = links[2 * list]!;
    links[2 * node] = next;
    links[2 * node + 1] = list;
    links[2 * next + 1] = node;
    links[2 * list] = node;
  }

  #unlink(node: number): void {
    const links = this.#links;
    const next = links[2 * node]!;
    const previous = links[2 * node + 1]!;
    links[2 * previous] = next;
    links[2 * next + 1] = previous;
  }
}
