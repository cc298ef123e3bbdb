import type { Actor, Bytes, Pages, RegistryEntry } from "../../engine/index.ts";

/** Where an allocator keeps an object, 0 or more; chosen by the allocator, not reused while the object lives. */
export type Handle = number;

/** Why an allocator gave no handle: the object is too large for it (ENOSPC), or there is no page (ENOMEM). */
export const TOO_LARGE: Handle = -1;
export const NO_MEMORY: Handle = -2;

/** Gives an allocator whole pages of memory and takes them back. */
export interface PagePort {
  /** False if there is no page to be had. */
  take(): boolean;
  give(): void;
}

/** Makes an object go away: true if it did, by `free`, or if nobody wanted it any more (struct zpool_ops). */
export type Evict = (handle: Handle) => Actor<boolean>;

/** Memory for compressed pages (struct zpool): objects of any size up to a page, packed into whole pages. */
export interface Zpool {
  /** Pages in use. */
  readonly pages: Pages;
  /** Its oldest page can be emptied to make room. */
  readonly isEvictable: boolean;
  /** Room for so many bytes, or TOO_LARGE, or NO_MEMORY. */
  allocate(bytes: Bytes): Handle;
  free(handle: Handle): void;
  /** zpool_shrink by one page: empties the page that was filled longest ago. False if none could be emptied. */
  shrink(evict: Evict): Actor<boolean>;
}

/** An allocator in its registry. */
export interface ZpoolEntry extends RegistryEntry {
  create(port: PagePort): Zpool;
}
