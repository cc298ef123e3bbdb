import { PAGE_SIZE, type Pages } from "../../engine/index.ts";

/** Free-memory marks in pages: below `low` kswapd wakes, below `min` the allocating task reclaims, kswapd stops at `high`. */
export interface Watermarks {
  readonly min: Pages;
  readonly low: Pages;
  readonly high: Pages;
}

/** Bounds of min_free_kbytes (calculate_min_free_kbytes, 6.1). */
const MIN_FREE_KB_LEAST = 128;
const MIN_FREE_KB_MOST = 262_144;
/** The upper bound of kernels whose marks follow min alone (init_per_zone_wmark_min, 3.18). */
const MIN_FREE_KB_MOST_3_18 = 65_536;
/** Toy machines of a few pages keep most of their memory; the kernel does not run there, so this is ours. */
const LARGEST_SHARE = 8;

/** min_free_kbytes for a machine of `managed` pages without transparent huge pages. */
export function minFreeKbytes(managed: Pages): number {
  const kb = Math.floor(Math.sqrt((16 * managed * PAGE_SIZE) / 1024));
  return Math.min(Math.max(kb, MIN_FREE_KB_LEAST), MIN_FREE_KB_MOST);
}

/**
 * Marks of a single zone (__setup_per_zone_wmarks, 6.1). `scaleFactor` is in 1/10000 of memory, undefined where
 * the kernel has none; `minFree` is what an
 * administrator wrote to vm.min_free_kbytes, in pages.
 */
export function watermarks(managed: Pages, scaleFactor: number | undefined, minFree?: Pages): Watermarks {
  const most = scaleFactor === undefined ? MIN_FREE_KB_MOST_3_18 : MIN_FREE_KB_MOST;
  const byKernel = Math.floor((Math.min(minFreeKbytes(managed), most) * 1024) / PAGE_SIZE);
  const min = minFree ?? Math.max(1, Math.min(byKernel, Math.floor(managed / LARGEST_SHARE)));
  const scaled = Math.floor((managed * (scaleFactor ?? 0)) / 10_000);
  const distance = Math.max(Math.floor(min / 4), scaled, 1);
  return { min, low: min + distance, high: min + 2 * distance };
}
