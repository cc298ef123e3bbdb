import type { FragmentationSpec, MmCosts, ReadaheadState } from "../../sim/index.ts";

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
  finishFault: 45_000,
  swapIn: 155_000,
  scanPage: 2_000,
  freePage: 4_500,
  writePage: 25_000,
  shrinkCall: 60_000,
  skipPage: 100,
  deactivatePage: 1_300,
  reclaimPass: 20_000,
  flushStatistics: 10_000,
  walkPte: 500,
  sortPage: 3_000,
  decompress: 60_000,
  filePage: 2_500,
  readPage: 10_000,
};

/** CPU time of one access of the workload program and its arithmetic, ns. An estimate. */
export const ACCESS_TIME = 500;

/** The device model that stands for the guest's disks. */
export const GUEST_DISK = "virtio-qemu";

/**
 * The system-wide readahead variables as a random program leaves them. Which program ran before a row is not known;
 * this fits the rows better than the state after boot.
 */
export const READAHEAD_LEFT: ReadaheadState = { hits: 0, window: 1 };

/** Frames of a block of one mobility (pageblock_nr_pages, x86-64). */
export const PAGEBLOCK = 512;
/** Frames the kernel gave back after it had set lowmem_reserve: fits the reserve of 114 that the guest reported. */
export const FREED_AFTER_BOOT = 3200;
/** Free frames of DMA32 in small pieces among the kernel's own after boot, and frames in the DMA zone's movable blocks. */
const IN_PIECES = 320;
const DMA_MOVABLE = 7 * PAGEBLOCK;

/**
 * What is free in a zone before the first access. The DMA zone's first block holds boot allocations: what the other
 * seven do not hold is free there.
 */
export function fragmentationOf(zone: string, free: number, managed: number): FragmentationSpec {
  if (zone === "DMA") return { inBootBlock: Math.max(0, free - DMA_MOVABLE), inPieces: 0, pcpBatch: 1 };
  return { inBootBlock: 0, inPieces: IN_PIECES, pcpBatch: batchOf(managed) };
}

/** zone_batchsize: 1/1024 of the zone in four steps, rounded down to a power of two less one. */
function batchOf(managed: number): number {
  const quarter = Math.floor(Math.floor(managed / 1024) / 4);
  let power = 1;
  while (power * 2 <= quarter + Math.floor(quarter / 2)) power *= 2;
  return Math.max(1, power - 1);
}
