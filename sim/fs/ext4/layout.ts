import { assert, type BlockNumber, type Bytes, PAGE_SIZE, type Pages, pagesOf } from "../../engine/index.ts";
import { type BlockRun, FreeSpace } from "../free-space.ts";

/** Bits of one bitmap block per byte of it: so many blocks are a group, 128 MiB of 4 KiB blocks, 8 MiB of 1 KiB blocks. */
const GROUP_BLOCKS_PER_BYTE = 8;
/** Groups whose bitmaps and inode tables lie together at the first of them (flex_bg, default of mke2fs). */
const GROUPS_PER_FLEX = 16;
const INODE_SIZE: Bytes = 256;
const MIB: Bytes = 1024 * 1024;
/** Bytes of the device for each inode by its size: mke2fs.conf's types floppy, small, default, big and huge. */
const INODE_RATIOS: readonly { readonly below: Bytes; readonly bytesPerInode: Bytes }[] = [
  { below: 3 * MIB, bytesPerInode: 8_192 },
  { below: 512 * MIB, bytesPerInode: 4_096 },
  { below: 4 * MIB * MIB, bytesPerInode: 16_384 },
  { below: 16 * MIB * MIB, bytesPerInode: 32_768 },
];
const BYTES_PER_INODE_MAX: Bytes = 65_536;
/** Bytes of a group descriptor (feature 64bit). */
const DESCRIPTOR_SIZE: Bytes = 64;
/**
 * What mke2fs puts behind the first tables: a block of the root directory, one of the map of the resize inode, and
 * lost+found, which gets 16 KiB.
 */
const FIRST_SINGLE_BLOCKS = 2;
const LOST_AND_FOUND: Bytes = 16_384;
/** mke2fs keeps room for the descriptors of a filesystem this many times as large, at most a block of pointers to it. */
const RESERVED_GROWTH = 1024;
const POINTER_SIZE: Bytes = 4;

/** Journal size by filesystem size, both in blocks (ext2fs_default_journal_size, e2fsprogs 1.47). */
const JOURNAL_SIZES: readonly { readonly below: number; readonly journal: number }[] = [
  { below: 2_048, journal: 0 },
  { below: 32_768, journal: 1_024 },
  { below: 262_144, journal: 4_096 },
  { below: 524_288, journal: 8_192 },
  { below: 4_194_304, journal: 16_384 },
  { below: 8_388_608, journal: 32_768 },
  { below: 16_777_216, journal: 65_536 },
  { below: 33_554_432, journal: 131_072 },
];
const JOURNAL_MAX = 262_144;

/** The smallest device that has room for its own tables and some data. An estimate; mke2fs has no such rule. */
export const DEVICE_BLOCKS_MIN: Pages = 256;

/** A freshly made filesystem. */
export interface Layout {
  /** Super blocks, descriptors, bitmaps, inode tables, directories and the journal, ascending; nothing moves them. */
  readonly metadata: readonly BlockRun[];
  readonly metadataBlocks: Pages;
  readonly free: FreeSpace;
  /** Length of a block group. */
  readonly groupPages: Pages;
  /** Where the search for the first extent of a file begins. */
  readonly goal: BlockNumber;
}

/** The size of a filesystem and of its parts, in its own blocks; what the rest of the model counts is pages. */
interface Geometry {
  readonly blockSize: Bytes;
  readonly blocks: number;
  readonly groupBlocks: number;
  readonly groups: number;
}

/**
 * Lays a device out as mke2fs does with its defaults (flex_bg, sparse_super, internal journal). With blocks smaller than
 * a page, what does not end with a page is rounded up to one.
 */
export function makeFilesystem(pages: Pages, blockSize: Bytes = PAGE_SIZE): Layout {
  assert(pages >= DEVICE_BLOCKS_MIN, "a device for ext4 has room for the tables");
  const groupBlocks = blockSize * GROUP_BLOCKS_PER_BYTE;
  const blocks = pages * (PAGE_SIZE / blockSize);
  const groups = Math.ceil(blocks / groupBlocks);
  const geometry: Geometry = { blockSize, blocks, groupBlocks, groups };
  const groupPages = pagesOf(groupBlocks * blockSize);
  const free = new FreeSpace();
  free.give(0, pages);
  const metadata: BlockRun[] = [];
  // Copies of the super block have their place; tables longer than their group go on behind the copies of the next ones.
  for (const holdsTables of [false, true]) {
    for (let group = 0; group < groups; group++) {
      if ((group % GROUPS_PER_FLEX === 0) !== holdsTables) continue;
      const head = pagesOf(groupHead(group, geometry) * blockSize);
      takeFrom(free, metadata, group * groupPages, head);
    }
  }
  // mke2fs puts the journal into the middle, so that no file is far from it.
  const journal = free.firstFit(
    Math.floor(groups / 2) * groupPages,
    pagesOf(journalBlocks(blocks) * blockSize),
  );
  if (journal && journal.count > 0) take(free, metadata, journal);
  metadata.sort((a, b) => a.block - b.block);
  const goal = firstGoal(groups, groupPages);
  return { metadata, metadataBlocks: pages - free.blocks, free, groupPages, goal };
}

/** Takes the first `count` free pages from `from` on, or what the device has of them. */
function takeFrom(free: FreeSpace, metadata: BlockRun[], from: BlockNumber, count: Pages): void {
  let wanted = count;
  for (const run of [...free.runsFrom(from)]) {
    const piece = Math.min(wanted, run.count);
    if (piece === 0) return;
    take(free, metadata, { block: run.block, count: piece });
    wanted -= piece;
  }
}

function take(free: FreeSpace, metadata: BlockRun[], run: BlockRun): void {
  free.take(run.block, run.count);
  metadata.push(run);
}

/** Blocks at the start of a group that hold metadata. */
function groupHead(group: number, geometry: Geometry): number {
  const { blockSize, groups } = geometry;
  const superBlock = holdsSuperBlock(group) ? 1 + descriptorBlocks(geometry) : 0;
  if (group % GROUPS_PER_FLEX !== 0) return superBlock;
  const together = Math.min(GROUPS_PER_FLEX, groups - group);
  const bitmaps = 2 * together;
  const directories = group === 0 ? FIRST_SINGLE_BLOCKS + LOST_AND_FOUND / blockSize : 0;
  return superBlock + bitmaps + together * inodeTableBlocks(geometry) + directories;
}

/** Blocks of one group's inode table: whole blocks, with inodes in eights (ext2fs_initialize, e2fsprogs 1.47). */
function inodeTableBlocks({ blockSize, blocks, groups }: Geometry): number {
  const size = blocks * blockSize;
  const ratio = INODE_RATIOS.find(({ below }) => size < below)?.bytesPerInode ?? BYTES_PER_INODE_MAX;
  const inodes = Math.ceil(size / ratio / groups);
  const perBlock = blockSize / INODE_SIZE;
  const inEights = Math.floor((Math.ceil(inodes / perBlock) * perBlock) / 8) * 8;
  return Math.ceil(inEights / perBlock);
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
function descriptorBlocks({ blockSize, blocks, groupBlocks, groups }: Geometry): number {
  const perBlock = blockSize / DESCRIPTOR_SIZE;
  const now = Math.ceil(groups / perBlock);
  const grown = Math.min(0xffff_ffff, blocks * RESERVED_GROWTH);
  const later = Math.ceil(Math.ceil(grown / groupBlocks) / perBlock);
  return now + Math.min(blockSize / POINTER_SIZE, later - now);
}

function journalBlocks(blocks: number): number {
  return JOURNAL_SIZES.find(({ below }) => blocks < below)?.journal ?? JOURNAL_MAX;
}

/** Regular files begin one group behind the tables of their flexible group (ext4_inode_to_goal_block, 6.1). */
function firstGoal(groups: number, groupPages: Pages): BlockNumber {
  return groups > 1 ? groupPages : 0;
}
