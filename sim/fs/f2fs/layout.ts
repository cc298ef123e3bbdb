import { assert, type BlockNumber, type Pages } from "../../engine/index.ts";

/** Blocks of a segment, 2 MiB; a section is one segment as mkfs.f2fs makes it. */
export const BLOCKS_PER_SECTION: Pages = 512;
/** Where the first segment begins: two super blocks, then up to the border of a zone. */
const SEGMENT0: BlockNumber = 512;
/** Two checkpoint packs. */
const CHECKPOINT_SEGMENTS = 2;
/** struct f2fs_sit_entry and f2fs_nat_entry in a block. */
const SIT_ENTRIES_PER_BLOCK = 55;
const NAT_ENTRIES_PER_BLOCK = 455;
/** What the version bitmap in a checkpoint can tell apart, in segments of the NAT (3,712 bytes). */
const NAT_SEGMENTS_MAX = 58;
/** Below this many segments mkfs.f2fs looks for the best share of overprovisioning in steps of 5 %, else of 0.01 %. */
const FEW_SEGMENTS = 256;
/** A mount of a volume of so many segments at most (16 GiB) tunes itself for a small one (SMALL_VOLUME_SEGMENTS). */
const SMALL_VOLUME_SEGMENTS = 16 * 512;
/** The smallest device mkfs.f2fs 1.15 formats (measured: 50 MiB fail). */
export const DEVICE_BLOCKS_MIN: Pages = 13_312;

/** Logs that a mount writes to, by the section they begin in. */
export interface LogStarts {
  readonly hotNode: number;
  readonly warmNode: number;
  readonly coldNode: number;
  readonly hotData: number;
  readonly warmData: number;
  readonly coldData: number;
}

/** A freshly made filesystem. */
export interface Layout {
  /** Where the main area begins, whose sections hold files and nodes; before it lie superblocks, CP, SIT, NAT and SSA. */
  readonly main: BlockNumber;
  readonly sections: number;
  /** Sections that only garbage collection may use. */
  readonly reserved: number;
  /**
   * f2fs_tuning_parameters: what is written again is written in place (F2FS_IPU_FORCE), and logs look for free sections
   * from the front (ALLOC_MODE_REUSE).
   */
  readonly isSmall: boolean;
  /** Blocks of files and nodes at most (user_block_count). */
  readonly userBlocks: Pages;
  readonly logs: LogStarts;
}

/** Lays a device out as mkfs.f2fs 1.15 does with its defaults. */
export function makeFilesystem(blocks: Pages): Layout {
  assert(blocks >= DEVICE_BLOCKS_MIN, "a device for f2fs has room for its tables and logs");
  const segments = Math.floor((blocks - SEGMENT0) / BLOCKS_PER_SECTION);
  const sit = 2 * segmentsFor(Math.ceil(segments / SIT_ENTRIES_PER_BLOCK));
  const forNodes = (segments - CHECKPOINT_SEGMENTS - sit) * BLOCKS_PER_SECTION;
  const nat = 2 * Math.min(NAT_SEGMENTS_MAX, segmentsFor(Math.ceil(forNodes / NAT_ENTRIES_PER_BLOCK)));
  const ssa = segmentsFor(segments - CHECKPOINT_SEGMENTS - sit - nat + 1);
  const metadata = CHECKPOINT_SEGMENTS + sit + nat + ssa;
  const sections = segments - metadata;
  const { reserved, overprovisioned } = bestOverprovision(sections);
  return {
    main: SEGMENT0 + metadata * BLOCKS_PER_SECTION,
    sections,
    reserved,
    isSmall: sections <= SMALL_VOLUME_SEGMENTS,
    userBlocks: (sections - overprovisioned) * BLOCKS_PER_SECTION,
    logs: {
      hotNode: 0,
      warmNode: 1,
      coldNode: 2,
      hotData: 3,
      // The heap allocation of mkfs.f2fs: warm and cold data keep away from what changes often.
      warmData: Math.floor(sections / 2) - 1,
      coldData: Math.floor(sections / 4) - 1,
    },
  };
}

function segmentsFor(blocks: Pages): number {
  return Math.ceil(blocks / BLOCKS_PER_SECTION);
}

/** get_best_overprovision: the share, in percent, that leaves most sections to users. */
function bestOverprovision(sections: number): {
  readonly reserved: number;
  readonly overprovisioned: number;
} {
  const isSmall = sections < FEW_SEGMENTS;
  // Hundredths of a percent, so that steps add up exactly.
  const [first, last, by] = isSmall ? [1000, 9500, 500] : [1, 1000, 1];
  let best = first!;
  let most = 0;
  for (let share = first!; share <= last!; share += by!) {
    const reserved = reservedFor(share);
    const space = sections - reserved - ((sections - reserved) * share) / 10_000;
    if (space <= most) continue;
    most = space;
    best = share;
  }
  const reserved = Math.floor(reservedFor(best));
  return { reserved, overprovisioned: reserved + Math.floor(((sections - reserved) * best) / 10_000) };
}

/** Enough to collect a section from as many as its live blocks may be spread over, twice, and one for each log. */
function reservedFor(share: number): number {
  return 2 * (10_000 / share + 1) + 6;
}
