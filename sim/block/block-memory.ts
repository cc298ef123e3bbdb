import type { Actor } from "../engine/index.ts";

/** What reclaim may do for an allocation: nothing that makes I/O, I/O past any filesystem, or everything. */
export type Gfp = "GFP_NOIO" | "GFP_NOFS" | "GFP_KERNEL";

/** A page that a driver keeps, by its number. */
export type PageHandle = number;

/** The machine's memory for drivers that carry swap: they ask for some while others wait for them to free some. */
export interface BlockMemory {
  /** A structure that lives as long as one request. False: there is no memory to be had at the moment. */
  allocate(site: string, gfp: Gfp): Actor<boolean>;
  /** A page to keep, without waiting (GFP_NOWAIT); `reserves`: below all marks too (PF_MEMALLOC). */
  takePage(reserves: boolean): PageHandle | undefined;
  givePage(page: PageHandle): void;
  /** Whatever the running process allocates from now on is GFP_NOIO (memalloc_noio_save). */
  forbidIo(): void;
}

/** Memory without end, for tests and for machines that have none to model. */
export const endlessMemory: BlockMemory = {
  *allocate() {
    return true;
  },
  takePage: () => 0,
  givePage() {},
  forbidIo() {},
};
