import type { Bytes, Pages, RegistryEntry } from "../../engine/index.ts";

/** Where an allocator keeps an object; chosen by the allocator, not reused while the object lives. */
export type Handle = number;
export const NO_HANDLE: Handle = -1;

/** Gives an allocator whole pages of memory and takes them back. */
export interface PagePort {
  /** False if there is no page to be had. */
  take(): boolean;
  give(): void;
}

/** Memory for compressed pages (struct zpool): objects of any size up to a page, packed into whole pages. */
export interface Zpool {
  /** Pages in use. */
  readonly pages: Pages;
  /** Its oldest page can be emptied to make room. */
  readonly isEvictable: boolean;
  /** Room for so many bytes; NO_HANDLE if they are too many for this allocator or there is no memory. */
  allocate(bytes: Bytes): Handle;
  free(handle: Handle): void;
  /** The objects of the page that was filled longest ago; none if there is no page. */
  oldest(): readonly Handle[];
}

/** An allocator in its registry. */
export interface ZpoolEntry extends RegistryEntry {
  create(port: PagePort): Zpool;
}
