import { assert } from "./assert.ts";

/**
 * What two steps of different processes must share to depend on each other. Steps that share nothing, or only read what
 * they share, may change places and nobody can tell.
 */
export const DOMAINS = [
  "process",
  "request",
  "lock",
  "page",
  "slot",
  "swap area",
  "filesystem",
  "device blocks",
  "memory",
] as const;
export type Domain = (typeof DOMAINS)[number];

/** Keys of one domain are so far apart. Low numbers make keys that fit in a small integer, which maps find fastest. */
const KEY_STRIDE = 16;
/** Things of one domain are told apart by a number below this, so that their keys are exact. */
const INDEX_LIMIT = 2 ** 49;
/**
 * Blocks that count as one thing, since neighbours are written together (an estimate: fewer tell more steps apart, and
 * cost more of them).
 */
const BLOCKS_PER_KEY = 16;
/** An explored machine has fewer devices. */
const DEVICES_MAX = 64;

/** A thing that was touched, as one number. */
export type Key = number;

/** Key of the first thing of each domain. */
const FIRST_KEY = Object.fromEntries(DOMAINS.map((domain, at) => [domain, at])) as Readonly<
  Record<Domain, Key>
>;

const keyOf = (domain: Domain, index: number): Key => index * KEY_STRIDE + FIRST_KEY[domain];

/** Number of the lists of pages in the domain of memory; how much is free has the number 0. */
export const MEMORY_LISTS = 1;
/** Number of the tables of the swap areas in the domain of swap areas; which slots are free has the number 0. */
export const AREA_TABLES = 1;

export function domainOf(key: Key): Domain {
  return DOMAINS[key & (KEY_STRIDE - 1)]!;
}

/** Which of its domain a thing is. */
export function indexOf(key: Key): number {
  return (key - (key & (KEY_STRIDE - 1))) / KEY_STRIDE;
}

/** Which things one step has touched, each once; true for those that it changed. */
export type Accesses = ReadonlyMap<Key, boolean>;

/** Writes down what the running step touches. Only an explored run keeps one. */
export class AccessLog {
  #keys = new Map<Key, boolean>();

  note(domain: Domain, index: number, changes: boolean): void {
    const key = keyOf(domain, index);
    if (changes || !this.#keys.has(key)) this.#keys.set(key, changes);
  }

  noteBlocks(device: number, first: number, count: number, changes: boolean): void {
    assert(device < DEVICES_MAX, "an explored machine has fewer than 64 devices");
    const last = Math.floor((first + count - 1) / BLOCKS_PER_KEY);
    assert(last * DEVICES_MAX < INDEX_LIMIT, "the blocks of an explored device have exact keys");
    for (let at = Math.floor(first / BLOCKS_PER_KEY); at <= last; at++) {
      this.note("device blocks", at * DEVICES_MAX + device, changes);
    }
  }

  /** Ends the step and returns what it touched. */
  take(): Accesses {
    const taken = this.#keys;
    this.#keys = new Map();
    return taken;
  }
}
