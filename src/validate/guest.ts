import type { MmCosts } from "../../sim/index.ts";

/*
 * The measured machine: a QEMU guest without hardware virtualisation, ten to thirty times slower than the CPU it
 * runs on. Only the ratio of CPU time to disk time reaches the counters. Event traces of that guest gave: 1.5 to
 * 2 us to scan and keep a page, 4 to 5 to free it, 17 to unmap and write it, 160 to 250 us of CPU for a major fault.
 */

/** CPU times of the measured guest. */
export const guestCosts: MmCosts = {
  // Estimates: the share of a major fault that every fault has.
  minorFault: 45_000,
  reuseFault: 22_000,
  cacheHit: 45_000,
  swapIn: 200_000,
  scanPage: 2_000,
  freePage: 4_500,
  writePage: 17_000,
};

/** CPU time of one access of the workload program and its arithmetic, ns. An estimate. */
export const ACCESS_TIME = 500;

/** The device model that stands for the guest's disks. */
export const GUEST_DISK = "virtio-qemu";
