import type { FragmentationSpec, MmCosts, PhaseTimes, ReadaheadState } from "../../sim/index.ts";

/*
 * Everything about the measured machine that is neither in its rows nor in the kernel's source, one set for all rows.
 * The machine is a QEMU guest without hardware virtualisation, ten to thirty times slower than the CPU it runs on, with
 * disks served from the host's page cache. Only the ratio of CPU time to disk time reaches the counters. `CALIBRATED`
 * tells of each value where it comes from; docs/fidelity.md prints it.
 */

/** CPU times of the measured guest, ns. */
export const guestCosts: MmCosts & { readonly nfsCall: number } = {
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
  // No measured program forks: the desktop's, times what a page table entry costs in the guest against one there.
  copyPte: 700,
  sortPage: 3_000,
  decompress: 60_000,
  filePage: 2_500,
  readPage: 10_000,
  nfsCall: 1_000_000,
};

/** CPU time of one access of the workload program and its arithmetic, ns. */
export const ACCESS_TIME = 500;

/** The device model that stands for the guest's disks. */
export const GUEST_DISK = "virtio-qemu";

/** The system-wide readahead variables as a random program leaves them. */
export const READAHEAD_LEFT: ReadaheadState = { hits: 0, window: 1 };

/** What the control program does between the phases. */
export const PHASE_TIMES: PhaseTimes = { untilRead: 20_000_000, untilNext: 280_000_000 };

/** Frames the kernel gave back after it had set lowmem_reserve. */
export const FREED_AFTER_BOOT = 3200;
/** Free frames of DMA32 in small pieces among the kernel's own after boot. */
const IN_PIECES = 320;

/**
 * Bytes that a page compresses to by how the program fills it: one word and zeroes, all words random, half of them, an
 * eighth of them.
 */
export const INCOMPRESSIBLE = 4097;
export const COMPRESSED: readonly number[] = [60, INCOMPRESSIBLE, 2213, 573];

/** A value that is not from the kernel's source. */
export interface CalibratedValue {
  readonly name: string;
  readonly value: string;
  readonly why: string;
  /** Rows it was fitted on; undefined if it was set beforehand. */
  readonly fittedOn?: string;
}

const us = (ns: number): string => `${ns / 1000} us`;
const { minorFault, reuseFault, finishFault, swapIn, scanPage, freePage, writePage } = guestCosts;
const { shrinkCall, skipPage, deactivatePage, reclaimPass, flushStatistics } = guestCosts;
const { walkPte, sortPage, decompress, filePage, readPage } = guestCosts;

/** Every value above, with its reason. */
export const CALIBRATED: readonly CalibratedValue[] = [
  {
    name: "fault: first touch; making a page writable; finishing; reading, without the disk",
    value: [minorFault, reuseFault, finishFault, swapIn].map(us).join(", "),
    why: "event traces of the guest: 160 to 250 us of CPU for a major fault; how it is split is an estimate",
  },
  {
    name: "NFS: one call in the client; the server on the same machine",
    value: `${us(guestCosts.nfsCall)}, its files in memory and exported async`,
    why: "a sequence of its own read windows of eight pages in 2.5 ms each, half of it taken for the client",
  },
  {
    name: "reclaim: keeping a page; freeing one",
    value: [scanPage, freePage].map(us).join(", "),
    why: "event traces of the guest: 1.5 to 2 us, and 4 to 5",
  },
  {
    name: "reclaim: unmapping and writing a page",
    value: us(writePage),
    why: "event traces of the guest say 17 us; the rest stands for the submission, which blocks now and then for about 1 ms",
    fittedOn: "all rows: of 15, 17 and 25 us the last one leaves the smallest errors of pgactivate",
  },
  {
    name: "reclaim: one isolate-and-shrink call",
    value: us(shrinkCall),
    why: "event traces of the guest: 20 to 80 us",
    fittedOn: "whole-machine rows with the classic LRU, inside the measured range",
  },
  {
    name: "reclaim: passing over a page; deactivating one; a pass at one priority; folding statistics",
    value: [skipPage, deactivatePage, reclaimPass, flushStatistics].map(us).join(", "),
    why: "event traces of the guest for the first (0.03 to 0.1 us); the others are estimates",
  },
  {
    name: "MGLRU: looking at a page table entry; sorting a page",
    value: [walkPte, sortPage].map(us).join(", "),
    why: "estimates",
    fittedOn: "whole-machine rows with MGLRU, for the entry: 0.5, 1 and 2 us fit alike, 0.01 does not",
  },
  {
    name: "unpacking a compressed page; a file page enters the cache; read() of a page",
    value: [decompress, filePage, readPage].map(us).join(", "),
    why: "event traces of the guest for the last two (2 to 3 us; 12 to 13 with allocation); the first is an estimate",
  },
  {
    name: "one access of the program",
    value: us(ACCESS_TIME),
    why: "an estimate; between faults it reaches no counter",
  },
  {
    name: "disk: latency, bandwidth, requests at once",
    value: "140 us, 1 GB/s, 64",
    why: "a fault waited 60 to 320 us, 140 in the median; QEMU serves a disk with up to 64 threads; the bandwidth is an estimate",
  },
  {
    name: "swap readahead at the start of a row",
    value: `hits ${READAHEAD_LEFT.hits}, last window ${READAHEAD_LEFT.window}`,
    why: "the system-wide variables are what the program before has left, and that is not known; a random one leaves this",
    fittedOn: "rows with cluster readahead: fits better than the state after boot",
  },
  {
    name: "from the end of a phase until its counters are read; from then until the next one begins",
    value: [PHASE_TIMES.untilRead, PHASE_TIMES.untilNext].map((ns) => `${ns / 1e6} ms`).join(", "),
    why: "what is under way when a phase ends counts for it as long as it ends soon",
    fittedOn: "init phases of whole-machine rows",
  },
  {
    name: "pages given back after lowmem_reserve was set",
    value: `${FREED_AFTER_BOOT} pages`,
    why: "the guest reported a reserve of 114 pages for 32455 pages of DMA32",
  },
  {
    name: "free pages of DMA32 in small pieces",
    value: `${IN_PIECES} pages`,
    why: "an estimate of what boot leaves; the DMA zone's layout follows from its free pages",
  },
  {
    name: "what pages compress to",
    value: COMPRESSED.map((bytes) => `${bytes} B`).join(", "),
    why: "an eighth and half of the words random: from the pool sizes of the rows; the other two follow from the contents",
    fittedOn: "zswap rows",
  },
];

/** Frames of a block of one mobility (pageblock_nr_pages, x86-64). */
export const PAGEBLOCK = 512;
/** Blocks of the DMA zone that are free and movable after boot: all but the first, which holds boot allocations. */
const DMA_MOVABLE = 7 * PAGEBLOCK;

/** What is free in a zone before the first access. What the DMA zone's movable blocks do not hold lies in its first. */
export function fragmentationOf(zone: string, free: number, managed: number): FragmentationSpec {
  if (zone === "DMA") return { inBootBlock: Math.max(0, free - DMA_MOVABLE), inPieces: 0, pcpBatch: 1 };
  return { inBootBlock: 0, inPieces: IN_PIECES, pcpBatch: batchOf(managed) };
}

/** zone_batchsize, 6.1: 1/1024 of the zone in four steps, rounded down to a power of two less one. */
function batchOf(managed: number): number {
  const quarter = Math.floor(Math.floor(managed / 1024) / 4);
  let power = 1;
  while (power * 2 <= quarter + Math.floor(quarter / 2)) power *= 2;
  return Math.max(1, power - 1);
}
