import type { Pages, RandomStream, RegistryEntry } from "../engine/index.ts";

/** Number of a page. Pages are numbered densely from 0. */
export type PageNumber = number;
/** Stands for no page where a page might stand. */
export const NO_PAGE: PageNumber = -1;

/**
 * Which page leaves memory, and nothing else: no frames, no tasks, no time. The simulator and the replay of a
 * reference string drive the same object.
 */
export interface Replacement {
  /** Pages in memory. */
  readonly size: Pages;
  /** Whether the page is in memory. */
  has(page: PageNumber): boolean;
  /**
   * Demand paging with as many pages as the capacity says: true for a hit; a miss brings the page in, after another
   * one has left if memory is full.
   */
  access(page: PageNumber): boolean;

  /*
   * The parts of an access, for a machine that brings pages in and out by rules of its own.
   */

  /** An access that needs no room; it may also be to a page that takes none and is not in memory. */
  touch(page: PageNumber): void;
  /** The page comes into memory, where it was not. That is its first access. */
  insert(page: PageNumber): void;
  /** Takes the page that should go out of memory and may remember it. At least one page is in memory. */
  evict(): PageNumber;
  /** The page, in memory so far, ceases to be; nothing is remembered. */
  remove(page: PageNumber): void;
  /** There are more pages from now on. */
  grow(pages: Pages): void;
}

export interface ReplacementOptions {
  /** Different pages. */
  readonly pages: Pages;
  /** Pages that fit into memory. */
  readonly capacity: Pages;
  /** For policies that draw lots. */
  readonly random: RandomStream;
  /** The whole reference string, for policies that know the future. Called at most once. */
  readonly future: () => Uint32Array;
  /**
   * Tests and clears the accessed bit that the hardware keeps for a page. Left out where there is none: then `touch`
   * tells all.
   */
  readonly testAndClearAccessed?: (page: PageNumber) => boolean;
}

/** A policy in its registry. The traits say what a machine must offer it. */
export interface ReplacementEntry extends RegistryEntry {
  /** It must hear of each access; the others get by with the accessed bits, or without. */
  readonly seesEveryAccess: boolean;
  /** A second access to a page means something else than its first one. */
  readonly countsAccesses: boolean;
  /** It must know all accesses in advance. */
  readonly needsFuture: boolean;
  create(options: ReplacementOptions): Replacement;
}
