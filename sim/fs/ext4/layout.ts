import { assert, type BlockNumber, type Pages } from "../../engine/index.ts";
import { type BlockRun, FreeSpace } from "../free-space.ts";

/** A block group: as many blocks as one bitmap block has bits, 128 MiB. */
export const BLOCKS_PER_GROUP: Pages = 32_768;
/** Groups whose bitmaps and inode tables lie together at the first of them (flex_bg, default of mke2fs). */
const GROUPS_PER_FLEX = 16;
/** Blocks of the device per block of inode table: one inode of 256 bytes for 16 KiB (mke2fs.conf). */
const BLOCKS_PER_INODE_TABLE_BLOCK = 64;
/** Group descriptors of 64 bytes in one block. */
const DESCRIPTORS_PER_BLOCK = 64;
/** What mke2fs puts behind the first tables: root directory (1), lost+found (4), a map of the resize inode (1). */
const FIRST_DIRECTORY_BLOCKS: Pages = 6;
/** mke2fs keeps room for the descriptors of a filesystem this many times as large, at most 1024 blocks. */
const RESERVED_GROWTH = 1024;
const RESERVED_DESCRIPTOR_BLOCKS_MAX = 1024;

/** Journal size by filesystem size, both in 4 KiB blocks (ext2fs_default_journal_size, e2fsprogs 1.47). */
const JOURNAL_SIZES: readonly { readonly below: Pages; readonly journal: Pages }[] = [
  { below: 2_048, journal: 0 },
  { below: 32_768, journal: 1_024 },
  { below: 262_144, journal: 4_096 },
  { below: 524_288, journal: 8_192 },
  { below: 4_194_304, journal: 16_384 },
  { below: 8_388_608, journal: 32_768 },
  { below: 16_777_216, journal: 65_536 },
  { below: 33_554_432, journal: 131_072 },
];
const JOURNAL_MAX: Pages = 262_144;

/** The smallest device that has room for its own tables and some data. An estimate; mke2fs has no such rule. */
export const DEVICE_BLOCKS_MIN: Pages = 256;

/** A freshly made filesystem. */
export interface Layout {
  /** Super blocks, descriptors, bitmaps, inode tables, directories and the journal, ascending; nothing moves them. */
  readonly metadata: readonly BlockRun[];
  readonly metadataBlocks: Pages;
  readonly free: FreeSpace;
  /** Where the search for the first extent of a file begins. */
  readonly goal: BlockNumber;
}

/** Lays a device out as mke2fs does with its defaults (flex_bg, sparse_super, internal journal). */
export function makeFilesystem(blocks: Pages): Layout {
  assert(blocks >= DEVICE_BLOCKS_MIN, "a device for ext4 has room for the tables");
  const groups = Math.ceil(blocks / BLOCKS_PER_GROUP);
  const free = new FreeSpace();
  free.give(0, blocks);
  const metadata: BlockRun[] = [];
  for (let group = 0; group < groups; group++) {
    const block = group * BLOCKS_PER_GROUP;
    const count = Math.min(blocks - block, groupHead(group, groups, blocks));
    if (count > 0) take(free, metadata, { block, count });
  }
  // mke2fs puts the journal into the middle, so that no file is far from it.
  const journal = free.firstFit(Math.floor(groups / 2) * BLOCKS_PER_GROUP, journalBlocks(blocks));
  if (journal && journal.count > 0) take(free, metadata, journal);
  metadata.sort((a, b) => a.block - b.block);
  return { metadata, metadataBlocks: blocks - free.blocks, free, goal: firstGoal(groups) };
}

function take(free: FreeSpace, metadata: BlockRun[], run: BlockRun): void {
  free.take(run.block, run.count);
  metadata.push(run);
}

/** Blocks at the start of a group that hold metadata. */
function groupHead(group: number, groups: number, blocks: Pages): Pages {
  const superBlock = holdsSuperBlock(group) ? 1 + descriptorBlocks(groups, blocks) : 0;
  if (group % GROUPS_PER_FLEX !== 0) return superBlock;
  const together = Math.min(GROUPS_PER_FLEX, groups - group);
  const blocksHere = Math.min(together * BLOCKS_PER_GROUP, blocks - group * BLOCKS_PER_GROUP);
  const bitmaps = 2 * together;
  const directories = group === 0 ? FIRST_DIRECTORY_BLOCKS : 0;
  return superBlock + bitmaps + Math.ceil(blocksHere / BLOCKS_PER_INODE_TABLE_BLOCK) + directories;
}

/** sparse_super: copies lie in group 0 and 1 and in the powers of 3, 5 and 7. */
function holdsSuperBlock(group: number): boolean {
  return group <= 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
}

function isPower(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}

/** Group descriptors and the room kept for more of them (resize_inode). */
function descriptorBlocks(groups: number, blocks: Pages): Pages {
  const now = Math.ceil(groups / DESCRIPTORS_PER_BLOCK);
  const grown = Math.min(0xffff_ffff, blocks * RESERVED_GROWTH);
  const later = Math.ceil(Math.ceil(grown / BLOCKS_PER_GROUP) / DESCRIPTORS_PER_BLOCK);
  return now + Math.min(RESERVED_DESCRIPTOR_BLOCKS_MAX, later - now);
}

function journalBlocks(blocks: Pages): Pages {
  return JOURNAL_SIZES.find(({ below }) => blocks < below)?.journal ?? JOURNAL_MAX;
}

/** Regular files begin one group behind the tables of their flexible group (ext4_inode_to_goal_block, 6.1). */
function firstGoal(groups: number): BlockNumber {
  return groups > 1 ? BLOCKS_PER_GROUP : 0;
}
