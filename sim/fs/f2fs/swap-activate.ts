import type { BlockContent } from "../../block/index.ts";
import type { Actor, Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import { type F2fsFile, HOLE, RESERVED } from "./file.ts";
import { readBlock, submitWrites, waitForAll } from "./file-io.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { Volume } from "./volume.ts";

/**
 * f2fs_swap_activate (6.1): the file is pinned, and every piece of it that does not fill whole sections is moved into
 * sections of its own first, because garbage collection works on sections. What is left at the end, shorter than a
 * section, stays where it is with a warning: it shares its section with others.
 */
export function* swapActivate(volume: Volume, file: F2fsFile, pages: Pages): Actor<SwapActivation> {
  if (volume.readOnly) return { errno: "EROFS", message: "swapon: the filesystem is read-only" };
  if (volume.options.isLfs) {
    return { errno: "EINVAL", message: "F2FS-fs: Swapfile not supported in LFS mode" };
  }
  const mapped = yield* checkSwapActivate(volume, file, pages);
  if (typeof mapped === "string") return { errno: mapped, message: MESSAGES[mapped] ?? `swapon: ${mapped}` };
  if (mapped.length === 0 && !volume.context.faults?.has("noZeroPagesTest"))
    return { errno: "EINVAL", message: "swapon: Cannot find a single usable page in file." };
  file.isActiveSwap = true;
  file.isPinned = true;
  volume.changed(file);
  return { errno: undefined, extents: mapped };
}

const MESSAGES: Partial<Record<Errno, string>> = {
  EINVAL: "F2FS-fs: Swapfile has holes",
  ENOENT: "swapon: a piece that must be moved has a hole",
  ENOSPC: "F2FS-fs: no free section for a swap file",
};

/** check_swap_activate: the pieces of the file, moved where they must be. */
function* checkSwapActivate(
  volume: Volume,
  file: F2fsFile,
  pages: Pages,
): Actor<Errno | readonly SwapExtent[]> {
  const { log } = volume.context;
  const extents: SwapExtent[] = [];
  const unaligned = { count: 0 };
  for (let at = 0; at < file.size && at < pages; ) {
    const piece = yield* alignedPiece(volume, file, at, pages, unaligned);
    if (typeof piece === "string") return piece;
    const count = Math.min(piece.count, pages - at);
    // The kernel takes the address of a block that has none, beyond every device; such pages are left out here.
    if (piece.place !== RESERVED)
      extents.push({ slot: at, count, device: volume.device, block: piece.place });
    at += count;
  }
  if (unaligned.count > 0) log(`F2FS-fs: Swapfile (${unaligned.count}) is not align to section`);
  return extents;
}

/** The piece at a block; it is moved, and looked up again, until it fills whole sections or is the last one. */
function* alignedPiece(
  volume: Volume,
  file: F2fsFile,
  at: Pages,
  pages: Pages,
  unaligned: { count: number },
): Actor<Errno | Piece> {
  const { faults, log } = volume.context;
  for (;;) {
    const piece = pieceAt(file, at);
    if (piece.place === HOLE) return "EINVAL";
    if (isAligned(volume, piece) || faults?.has("noSectionAlignment")) return piece;
    unaligned.count++;
    const whole = wholeSections(piece.count, pages - at);
    if (whole === 0) {
      log("F2FS-fs: Swapfile: last extent is not aligned to section");
      return piece;
    }
    const errno = yield* migrateBlocks(volume, file, at, whole);
    if (errno) return errno;
    // Some kernels went on with the piece as they had found it (KB-03).
    if (faults?.has("keepOldMapping")) return piece;
  }
}

interface Piece {
  readonly place: number;
  readonly count: Pages;
}

/** What lies in one piece on the device, or is reserved in a row (f2fs_map_blocks for FIEMAP). */
function pieceAt(file: F2fsFile, at: Pages): Piece {
  const place = file.at(at);
  const next = (count: Pages): number => (place === RESERVED ? RESERVED : place + count);
  let count = 1;
  while (place !== HOLE && at + count < file.size && file.at(at + count) === next(count)) count++;
  return { place, count };
}

function isAligned({ layout }: Volume, { place, count }: Piece): boolean {
  return place > 0 && (place - layout.main) % BLOCKS_PER_SECTION === 0 && count % BLOCKS_PER_SECTION === 0;
}

/** Blocks that are moved for a piece: whole sections, and not behind what swap uses. */
function wholeSections(count: Pages, left: Pages): Pages {
  const rounded = Math.ceil(count / BLOCKS_PER_SECTION) * BLOCKS_PER_SECTION;
  return rounded > left ? rounded - BLOCKS_PER_SECTION : rounded;
}

/** f2fs_migrate_blocks: section by section of the file into a free section, by way of the page cache. */
function* migrateBlocks(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  const { observer } = volume.context;
  const start = Math.floor(first / BLOCKS_PER_SECTION) * BLOCKS_PER_SECTION;
  const end = start + count;
  yield* file.gcLock.lockExclusive("f2fs_migrate_blocks: i_gc_rwsem");
  yield* file.pageLock.lockExclusive("f2fs_migrate_blocks: filemap_invalidate_lock");
  let errno: Errno | undefined;
  for (let at = start; at < end && errno === undefined; at += BLOCKS_PER_SECTION) {
    errno = volume.logs.beginSection("coldDataPinned") ? yield* migrateSection(volume, file, at) : "ENOSPC";
  }
  file.pageLock.unlockExclusive();
  file.gcLock.unlockExclusive();
  if (errno === undefined)
    observer.relocated(file.owner, start, end - start, "moved", "swapon", "f2fs_migrate_blocks");
  return errno;
}

function* migrateSection(volume: Volume, file: F2fsFile, first: Pages): Actor<Errno | undefined> {
  const contents: BlockContent[] = [];
  for (let block = first; block < first + BLOCKS_PER_SECTION; block++) {
    // f2fs_get_lock_data_page finds no page for a hole.
    if (file.at(block) === HOLE) return "ENOENT";
    const found = yield* readBlock(volume, file, block);
    if (typeof found === "string") return found;
    contents.push(found.content);
  }
  const bios = submitWrites(
    volume,
    file,
    first,
    BLOCKS_PER_SECTION,
    "coldDataPinned",
    (block) => contents[block - first]!,
  );
  return yield* waitForAll(volume, bios, "f2fs_migrate_blocks: write");
}
