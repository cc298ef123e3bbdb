import { Bio, type BlockContent, type BlockDevice, ZEROES } from "../../block/index.ts";
import { type Actor, assert, type Duration, type Pages } from "../../engine/index.ts";
import { usualFsCosts } from "../costs.ts";
import type { Errno } from "../errno.ts";
import type { DeviceBlock } from "../file-handle.ts";
import type { FoundBlock, FsContext } from "../filesystem.ts";
import { gone, refusesWrite } from "../vfs/index.ts";
import type { Extent } from "./extents.ts";
import type { Ext4File } from "./file.ts";
import type { Volume } from "./volume.ts";

/** Blocks of one bio: 1 MiB (BIO_MAX_VECS pages). */
export const BIO_BLOCKS_MAX: Pages = 256;

function ext4Cost({ costs = usualFsCosts }: FsContext): Duration {
  return costs.ext4DirectIo;
}

/** Writes fresh contents in place; holes get blocks first (ext4_file_write_iter). */
export function* writeFile(
  volume: Volume,
  file: Ext4File,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  assert(first >= 0 && count > 0, "a write has a range");
  const { generations } = volume.context;
  yield* volume.waitForThaw();
  yield* file.lock.lockExclusive("ext4_buffered_write_iter: inode lock");
  const errno = refusesWrite(volume, file) ?? fillHoles(volume, file, first, count);
  if (errno === undefined) file.size = Math.max(file.size, first + count);
  if (errno) {
    file.lock.unlockExclusive();
    return errno;
  }
  const generation = generations.take(count);
  const bios = submitWrites(volume, file, first, count, (index) => ({
    generation: generation + (index - first),
    owner: file.owner,
    index,
  }));
  const status = yield* waitForAll(volume, bios, "ext4: wait for writeback");
  file.lock.unlockExclusive();
  return status;
}

/** Reads and lets the observer compare, block by block, at the instant the device answers. */
export function* readFile(
  volume: Volume,
  file: Ext4File,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  assert(first >= 0 && count > 0 && first + count <= file.size, "a read lies inside its file");
  yield* file.lock.lockShared("ext4_file_read_iter: inode lock");
  const bios: Bio[] = [];
  for (const piece of file.extents.pieces(first, count)) {
    if (piece.block === undefined) continue;
    if (piece.written) bios.push(...submitReads(volume, file, piece));
    else reportZeroes(volume, file, piece);
  }
  const status = file.linked ? yield* waitForAll(volume, bios, "ext4: wait for the read") : "ENOENT";
  file.lock.unlockShared();
  return status;
}

/**
 * direct_IO of one kernel page to a file block. An overwrite shares the inode lock; a block without contents needs
 * it alone, because the mapping changes (ext4_dio_write_checks, 6.1). Swap itself writes here, so S_SWAPFILE is no
 * reason to refuse.
 */
export function* directWrite(
  volume: Volume,
  file: Ext4File,
  block: Pages,
  content: BlockContent,
): Actor<Errno | undefined> {
  assert(block >= 0 && block < file.size, "direct_IO lies inside its file");
  yield* volume.context.processors.run("ext4_dio_write_iter", ext4Cost(volume.context));
  yield* file.lock.lockShared("ext4_dio_write_iter: inode lock");
  if (file.extents.at(block)?.written) {
    // Only files that have a name have extents, so there is nothing else to ask.
    const errno = yield* writeOneBlock(volume, file, block, content);
    file.lock.unlockShared();
    return errno;
  }
  // The lock cannot be upgraded; whatever happens in between is looked at again.
  file.lock.unlockShared();
  yield* file.lock.lockExclusive("ext4_dio_write_iter: inode lock");
  const errno = gone(volume, file) ?? fillHoles(volume, file, block, 1);
  const status = errno ?? (yield* writeOneBlock(volume, file, block, content));
  file.lock.unlockExclusive();
  return status;
}

/** direct_IO of one kernel page from a file block. */
export function* directRead(volume: Volume, file: Ext4File, block: Pages): Actor<Errno | FoundBlock> {
  const { context } = volume;
  yield* context.processors.run("ext4_dio_read_iter", ext4Cost(context));
  yield* file.lock.lockShared("ext4_dio_read_iter: inode lock");
  const answer = yield* readBlock(volume, file, block);
  file.lock.unlockShared();
  return answer;
}

/** ext4_read_folio: as swapon reads the header of the file, whose lock it holds. */
export function* readFolio(volume: Volume, file: Ext4File, block: Pages): Actor<Errno | FoundBlock> {
  const { context } = volume;
  yield* context.processors.run("ext4_read_folio", ext4Cost(context));
  return yield* readBlock(volume, file, block);
}

/** Holes and unwritten blocks read as zeroes without any I/O. */
function* readBlock(volume: Volume, file: Ext4File, block: Pages): Actor<Errno | FoundBlock> {
  assert(block >= 0 && block < file.size, "a block that is read lies inside its file");
  const { device } = volume;
  if (!file.linked) return "ENOENT";
  const extent = file.extents.at(block);
  const place = extent && placeOf(device, extent, block);
  if (!place || !extent.written) return { content: ZEROES, place };
  const bio = Bio.read(place.block);
  const status = yield* device.submitAndWait(bio, "ext4: wait for the read");
  return status === "ok" ? { content: bio.contentAt(0), place } : status;
}

/** Where a block of an extent lies. */
export function placeOf(device: BlockDevice, extent: Extent, fileBlock: Pages): DeviceBlock {
  return { device, block: extent.block + (fileBlock - extent.first) };
}

/** Gives blocks to the holes of a range; all of them or, with ENOSPC, none. */
export function fillHoles(volume: Volume, file: Ext4File, first: Pages, count: Pages): Errno | undefined {
  const holes = file.extents.pieces(first, count).filter((piece) => piece.block === undefined);
  const needed = holes.reduce((sum, hole) => sum + hole.count, 0);
  if (needed > volume.free.blocks) return "ENOSPC";
  for (const hole of holes) volume.allocate(file, hole.first, hole.count);
  return undefined;
}

function* writeOneBlock(
  volume: Volume,
  file: Ext4File,
  block: Pages,
  content: BlockContent,
): Actor<Errno | undefined> {
  const bios = submitWrites(volume, file, block, 1, () => content);
  return yield* waitForAll(volume, bios, "ext4: wait for the direct write");
}

/**
 * Submits the writes of an allocated range. An extent counts as written in the very step in which the device has the
 * contents (ext4_end_io_rsv_work, without its delay).
 */
function submitWrites(
  volume: Volume,
  file: Ext4File,
  first: Pages,
  count: Pages,
  contentOf: (fileBlock: Pages) => BlockContent,
): readonly Bio[] {
  const bios: Bio[] = [];
  // Built before anything is submitted: a device without latency must not change the extents under this walk.
  for (const { first: index, count: blocks, block } of bioPieces(file, first, count)) {
    const bio = Bio.writeRun(block, blocks, contentOf(index));
    bio.end = (ended) => {
      if (ended.status !== "ok") return;
      if (file.extents.markWritten(index, blocks)) volume.journal.start();
      volume.context.observer.wrote(file.owner, index, blocks, ended.generation);
    };
    bios.push(bio);
  }
  for (const bio of bios) volume.device.submit(bio);
  return bios;
}

function submitReads(volume: Volume, file: Ext4File, piece: Extent): readonly Bio[] {
  const { device, context } = volume;
  const bios: Bio[] = [];
  for (const part of bioPieces(file, piece.first, piece.count)) {
    const bio = Bio.read(part.block, part.count);
    bio.end = (ended) => {
      if (ended.status !== "ok") return;
      // Compared here and not after the wait: swap may write past the filesystem in between.
      for (let offset = 0; offset < part.count; offset++) {
        const place = { device, block: part.block + offset };
        context.observer.read(file.owner, part.first + offset, ended.contentAt(offset), place);
      }
    };
    bios.push(bio);
    device.submit(bio);
  }
  return bios;
}

/** An unwritten block has a place, but a reader gets zeroes and the device is not asked. */
function reportZeroes(volume: Volume, file: Ext4File, piece: Extent): void {
  for (let offset = 0; offset < piece.count; offset++) {
    const fileBlock = piece.first + offset;
    volume.context.observer.read(file.owner, fileBlock, ZEROES, placeOf(volume.device, piece, fileBlock));
  }
}

/** The allocated parts of a range, none longer than a bio. */
function* bioPieces(file: Ext4File, first: Pages, count: Pages): Generator<Extent, void, undefined> {
  for (const piece of file.extents.pieces(first, count)) {
    if (piece.block === undefined) continue;
    for (let offset = 0; offset < piece.count; offset += BIO_BLOCKS_MAX) {
      const blocks = Math.min(BIO_BLOCKS_MAX, piece.count - offset);
      yield { ...piece, first: piece.first + offset, block: piece.block + offset, count: blocks };
    }
  }
}

function* waitForAll(volume: Volume, bios: readonly Bio[], label: string): Actor<Errno | undefined> {
  let errno: Errno | undefined;
  for (const bio of bios) {
    if (!bio.done) yield bio.wait(volume.context.engine, label);
    if (bio.status !== "ok") errno = "EIO";
  }
  return errno;
}
