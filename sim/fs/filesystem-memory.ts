import type { Gfp } from "../block/index.ts";
import type { Actor } from "../engine/index.ts";

/** What filesystems allocate on the way to the disk. */
export const ALLOCATION_SITES = [
  "bio clone",
  "btree key cache",
  "dbuf",
  "dio struct",
  "end-io struct",
  "extent state",
  "kernel stack",
  "map struct",
  "nfs4_exchange_id",
  "nfs_direct_req",
  "page cache",
  "page for a COWed node",
  "page for a leaf",
  "page of the page cache",
  "path",
  "private struct",
  "rpc buffer",
  "transaction handle",
] as const;
export type AllocationSite = (typeof ALLOCATION_SITES)[number];

/** Memory for what a filesystem needs on its way: structures, pages of the page cache, nodes. */
export interface FilesystemMemory {
  /**
   * GFP_NOFS may do I/O, and so may swap out through this very filesystem. False: there is none to be had.
   * `site` is what it is for: an explorer, or a test, may let one of them find no memory.
   */
  allocate(site: AllocationSite, gfp: Gfp): Actor<boolean>;
  /** A whole page, which the page allocator gives sooner or later: who asks sleeps until there is one. */
  allocatePage(site: AllocationSite, gfp: Gfp): Actor;
  /** Runs an actor as one that gives memory back: it may use the reserves, and never reclaims (PF_MEMALLOC). */
  asReclaimer<Result>(run: Actor<Result>): Actor<Result>;
}
