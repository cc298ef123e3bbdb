/**
 * The units of the simulator. Quantities are plain numbers; these aliases say which unit a signature speaks,
 * and the helpers below are the only places that convert.
 */

/** A moment of simulated time: whole nanoseconds since the machine was switched on. Exact up to 2^53 ns (104 days). */
export type Instant = number;
/** A span of simulated time in whole nanoseconds. */
export type Duration = number;
/** A size in bytes. */
export type Bytes = number;
/** A count of 4 KiB pages (of memory) or blocks (of a device or file): the same size on purpose, see PAGE_SIZE. */
export type Pages = number;
/** A 4 KiB block's number on a device, counted from its start. */
export type BlockNumber = number;

/** Page, block and sector size of the simulated machine (x86-64 base page; btrfs sectorsize). */
export const PAGE_SIZE: Bytes = 4096;

export const NANOSECOND: Duration = 1;
export const MICROSECOND: Duration = 1_000;
export const MILLISECOND: Duration = 1_000_000;
export const SECOND: Duration = 1_000_000_000;
/** One tick of the kernel (CONFIG_HZ=250, as the measured kernel and most distributions have it). */
export const JIFFY: Duration = 4 * MILLISECOND;

export const KIB: Bytes = 1024;
export const MIB: Bytes = 1024 * KIB;
export const GIB: Bytes = 1024 * MIB;

/** How many whole pages `size` bytes need, rounded up. */
export function pagesOf(size: Bytes): Pages {
  return Math.ceil(size / PAGE_SIZE);
}

/** The size of `pages` pages in bytes. */
export function bytesOf(pages: Pages): Bytes {
  return pages * PAGE_SIZE;
}
