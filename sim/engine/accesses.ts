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

/** Things of one domain are told apart by a number below this; a key of the last domain is still exact. */
const INDEX_LIMIT = 2 ** 49;
/**
 * Blocks that count as one thing, since neighbours are written together (an estimate: fewer tell more steps apart, and
 * cost more of them).
 */
const BLOCKS_PER_KEY = 16;
/** Things that the blocks of one device can count as: 64 TiB. */
const KEYS_PER_DEVICE = 2 ** 30;

/** A thing that was touched, as one number. */
export type Key = number;

/** First key of each domain. */
const FIRST_KEY = Object.fromEntries(DOMAINS.map((domain, at) => [domain, at * INDEX_LIMIT])) as Readonly<
  Record<Domain, Key>
>;

const keyOf = (domain: Domain, index: number): Key => FIRST_KEY[domain] + index;

/** Number of the lists of pages in the domain of memory; how much is free has the number 0. */
export const MEMORY_LISTS = 1;
/** Number of the tables of the swap areas in the domain of swap areas; which slots are free has the number 0. */
export const AREA_TABLES = 1;

export function domainOf(key: Key): Domain {
  return DOMAINS[Math.floor(key / INDEX_LIMIT)]!;
}

/** Which of its domain a thing is. */
export function indexOf(key: Key): number {
  return key % INDEX_LIMIT;
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
    const last = Math.floor((first + count - 1) / BLOCKS_PER_KEY);
    assert(last < KEYS_PER_DEVICE, "an explored device is smaller than 64 TiB");
    for (let at = Math.floor(first / BLOCKS_PER_KEY); at <= last; at++) {
      this.note("device blocks", device * KEYS_PER_DEVICE + at, changes);
    }
  }

  /** Ends the step and returns what it touched. */
  take(): Accesses {
    const taken = this.#keys;
    this.#keys = new Map();
    return taken;
  }
}
