import { type Duration, MICROSECOND, NANOSECOND } from "../engine/index.ts";

/**
 * CPU time of the memory manager's steps on a desktop CPU of about 3.5 GHz. Only the first two are measured by
 * others; the rest are estimates of the usual order of magnitude.
 */
export interface MmCosts {
  /** Fault entry and exit, allocation and clearing of a page: median of a Linux 6.6 laptop measurement. */
  readonly minorFault: Duration;
  /** Making a read-only page writable in place: entry and exit, about 1050 cycles on Haswell. */
  readonly reuseFault: Duration;
  /** Fault that finds its page in the swap cache. Estimate. */
  readonly cacheHit: Duration;
  /** Software part of a swap-in without the device: look-up, allocation, bio, interrupt, switch. Estimate. */
  readonly swapIn: Duration;
  /** Reclaim looks at a page and keeps it. Estimate. */
  readonly scanPage: Duration;
  /** Reclaim frees a clean page. Estimate. */
  readonly freePage: Duration;
  /** Reclaim unmaps a page, gives it a slot and submits the write. Estimate. */
  readonly writePage: Duration;
}

export const desktopCosts: MmCosts = {
  minorFault: 1 * MICROSECOND,
  reuseFault: 300 * NANOSECOND,
  cacheHit: 1 * MICROSECOND,
  swapIn: 3 * MICROSECOND,
  scanPage: 200 * NANOSECOND,
  freePage: 400 * NANOSECOND,
  writePage: 1500 * NANOSECOND,
};
