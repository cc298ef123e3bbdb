import { PAGE_SIZE, type Pages } from "../../engine/index.ts";

/** Free-memory marks in pages: below `low` kswapd wakes, below `min` the allocating task reclaims, kswapd stops at `high`. */
export interface Watermarks {
  readonly min: Pages;
  readonly low: Pages;
  readonly high: Pages;
}

/** What kernel versions differ in. */
export interface MarkRules {
  /** Marks lie a quarter of min apart; watermark_scale_factor came with 4.6. */
  readonly marksByMinAlone: boolean;
  /** Upper bound of min_free_kbytes as the kernel computes it: 64 MiB, 256 MiB since 5.8. */
  readonly minFreeKbMost: number;
}

/** Lower bound of min_free_kbytes (calculate_min_free_kbytes, 6.1). */
const MIN_FREE_KB_LEAST = 128;
/** Toy machines of a few pages keep most of their memory; the kernel does not run there. An estimate. */
const LARGEST_SHARE = 8;

/** min_free_kbytes for a machine of `managed` pages without transparent huge pages. */
export function minFreeKbytes({ minFreeKbMost }: MarkRules, managed: Pages): number {
  const kb = Math.floor(Math.sqrt((16 * managed * PAGE_SIZE) / 1024));
  return Math.min(Math.max(kb, MIN_FREE_KB_LEAST), minFreeKbMost);
}

/**
 * Marks of a single zone (__setup_per_zone_wmarks, 6.1). `scaleFactor` is in 1/10000 of memory, for kernels that have
 * one; `minFree` is what an administrator wrote to vm.min_free_kbytes, in pages.
 */
export function watermarks(
  rules: MarkRules,
  managed: Pages,
  scaleFactor: number,
  minFree?: Pages,
): Watermarks {
  const byKernel = Math.floor((minFreeKbytes(rules, managed) * 1024) / PAGE_SIZE);
  const min = minFree ?? Math.max(1, Math.min(byKernel, Math.floor(managed / LARGEST_SHARE)));
  const scaled = rules.marksByMinAlone ? 0 : Math.floor((managed * scaleFactor) / 10_000);
  const distance = Math.max(Math.floor(min / 4), scaled, 1);
  return { min, low: min + distance, high: min + 2 * distance };
}
