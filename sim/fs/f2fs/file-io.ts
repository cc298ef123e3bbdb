import { Bio, type BlockContent, payloadOf, ZEROES } from "../../block/index.ts";
import { type Actor, assert, type BlockNumber, type Duration, type Pages } from "../../engine/index.ts";
import { usualFsCosts } from "../costs.ts";
import type { Errno } from "../errno.ts";
import type { FoundBlock, FsContext } from "../filesystem.ts";
import { gone, refusesWrite } from "../vfs/index.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import type { F2fsFile } from "./file.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { LogName } from "./logs.ts";
import type { Volume } from "./volume.ts";

/** Blocks of one bio: 1 MiB (BIO_MAX_VECS pages). */
const BIO_BLOCKS_MAX: Pages = 256;
/** Part of the main area that may wait for a checkpoint (DEF_RECLAIM_PREFREE_SEGMENTS), 4,096 segments at most. */
const PREFREE_SHARE = 0.05;
const PREFREE_MAX = 4096;

function directCost({ costs = usualFsCosts }: FsContext): Duration {
  return costs.f2fsDirectIo;
}

/** Where contents come from that are written. */
type ContentAt = (block: Pages) => BlockContent;

/**
 * Writes fresh contents, and waits until they are on the device. On a small volume, and in a pinned file, what has a place
 * is written there; otherwise blocks get new places, in the order in which they are written.
 */
export function* writeFile(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  assert(first >= 0 && count > 0, "a write has a range");
  yield* volume.waitForThaw();
  yield* file.lock.lockExclusive("f2fs_buffered_write_iter: inode lock");
  const refused = refusesWrite(volume, file) ?? volume.reserve(file, first, count);
  const errno = refused ?? (yield* writeReserved(volume, file, first, count));
  file.lock.unlockExclusive();
  return errno;
}

function* writeReserved(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  const { owner } = file;
  const generation = volume.context.generations.take(count);
  file.size = Math.max(file.size, first + count);
  volume.changed(file);
  let errno: Errno | undefined;
  for (let at = first; at < first + count; at += BLOCKS_PER_SECTION) {
    const blocks = Math.min(BLOCKS_PER_SECTION, first + count - at);
    yield* balance(volume);
    // What is written elsewhere would need no lock: whoever comes second sees that the place is another one.
    yield* file.pageLock.lockShared("f2fs_write_data_pages: page lock");
    const content: ContentAt = (block) => ({ generation: generation + (block - first), owner, index: block });
    const bios = submitWrites(volume, file, at, blocks, "warmData", content);
    errno = (yield* waitForAll(volume, bios, "f2fs: wait for write-back")) ?? errno;
    file.pageLock.unlockShared();
  }
  return errno;
}

/** f2fs_balance_fs: who writes waits for a free section, and for a checkpoint if too many sections wait for one. */
export function* balance(volume: Volume): Actor {
  const { segments, gc } = volume;
  const prefreeMax = Math.min(PREFREE_MAX, Math.floor(segments.sections * PREFREE_SHARE));
  if (volume.prefree > prefreeMax) yield* writeCheckpoint(volume);
  if (!volume.lacksFreeSections()) return;
  gc.thread.wakeAll();
  yield gc.writers.wait("f2fs_balance_fs");
}

/** Reads and lets the observer compare, block by block, at the instant the device answers. */
export function* readFile(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  assert(first >= 0 && count > 0 && first + count <= file.size, "a read lies inside its file");
  yield* file.pageLock.lockShared("f2fs_read_data_folio: page lock");
  const bios = file.linked ? submitReads(volume, file, first, count) : [];
  const status = file.linked ? yield* waitForAll(volume, bios, "f2fs: wait for the read") : "ENOENT";
  file.pageLock.unlockShared();
  return status;
}

/**
 * direct_IO of one kernel page to a file block: in place if it has a place (mode=lfs: never). Swap itself writes here, so
 * S_SWAPFILE is no reason to refuse. Every write has the inode to itself (f2fs_file_write_iter).
 */
export function* directWrite(
  volume: Volume,
  file: F2fsFile,
  block: Pages,
  content: BlockContent,
): Actor<Errno | undefined> {
  assert(block >= 0 && block < file.size, "direct_IO lies inside its file");
  const { context } = volume;
  yield* context.processors.run("f2fs_dio_write_iter", directCost(context));
  yield* file.lock.lockExclusive("f2fs_file_write_iter: inode lock");
  yield* file.gcLock.lockShared("f2fs_dio_write_iter: i_gc_rwsem");
  const refused = gone(volume, file) ?? volume.reserve(file, block, 1);
  const bios = refused ? [] : submitWrites(volume, file, block, 1, "warmData", () => content, true);
  const errno = refused ?? (yield* waitForAll(volume, bios, "f2fs: wait for the direct write"));
  volume.changed(file);
  file.gcLock.unlockShared();
  file.lock.unlockExclusive();
  return errno;
}

/** direct_IO of one kernel page from a file block. */
export function* directRead(volume: Volume, file: F2fsFile, block: Pages): Actor<Errno | FoundBlock> {
  const { context } = volume;
  yield* context.processors.run("f2fs_dio_read_iter", directCost(context));
  yield* file.gcReadLock.lockShared("f2fs_dio_read_iter: i_gc_rwsem");
  const answer = yield* readBlock(volume, file, block);
  file.gcReadLock.unlockShared();
  return answer;
}

/**
 * Holes and reserved blocks read as zeroes without any I/O; so do the blocks that a pinned file got from fallocate, where
 * the kernel shows what lay there before.
 */
export function* readBlock(volume: Volume, file: F2fsFile, block: Pages): Actor<Errno | FoundBlock> {
  assert(block >= 0 && block < file.size, "a block that is read lies inside its file");
  if (!file.linked) return "ENOENT";
  if (!file.hasContents(block)) return { content: ZEROES, place: undefined };
  const place = file.at(block);
  const bio = Bio.read(place);
  const status = yield* volume.device.submitAndWait(bio, "f2fs: wait for the read");
  return status === "ok"
    ? { content: bio.contentAt(0), place: { device: volume.device, block: place } }
    : status;
}

/** Submits writes of reserved blocks. A block has its new place in the step in which the device has the contents. */
export function submitWrites(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  count: Pages,
  log: LogName,
  content: ContentAt,
  isDirect = false,
): readonly Bio[] {
  const mayStay = file.isPinned || isDirect || volume.layout.isSmall;
  const inPlace = mayStay && log === "warmData" && !volume.options.isLfs;
  const bios: Bio[] = [];
  let run: { place: BlockNumber; block: Pages; contents: BlockContent[] } | undefined;
  for (let block = first; block < first + count; block++) {
    const old = file.at(block);
    const place = inPlace && old > 0 ? old : volume.allocate(log, file, block);
    const joins = run && place === run.place + run.contents.length && run.contents.length < BIO_BLOCKS_MAX;
    if (run && joins) run.contents.push(content(block));
    else {
      if (run) bios.push(writeRun(volume, file, run.block, run.place, run.contents));
      run = { place, block, contents: [content(block)] };
    }
  }
  if (run) bios.push(writeRun(volume, file, run.block, run.place, run.contents));
  for (const bio of bios) volume.device.submit(bio);
  return bios;
}

function writeRun(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  place: BlockNumber,
  contents: readonly BlockContent[],
): Bio {
  const bio = Bio.writePayload(place, payloadOf(contents));
  const elsewhere = contents.filter((_, offset) => file.at(first + offset) !== place + offset).length;
  volume.blocksInFlight += elsewhere;
  bio.end = (ended) => {
    volume.blocksInFlight -= elsewhere;
    for (let offset = 0; offset < contents.length; offset++) {
      const block = first + offset;
      if (ended.status === "ok") {
        volume.setPlace(file, block, place + offset);
        file.unwritten.delete(block);
        volume.context.observer.wrote(file.owner, block, 1, contents[offset]!.generation);
      } else if (file.at(block) !== place + offset) volume.giveUp(place + offset);
    }
  };
  return bio;
}

function submitReads(volume: Volume, file: F2fsFile, first: Pages, count: Pages): readonly Bio[] {
  const { device, context } = volume;
  const bios: Bio[] = [];
  for (let block = first; block < first + count; ) {
    const place = file.at(block);
    let blocks = 1;
    if (file.hasContents(block)) {
      while (blocks < BIO_BLOCKS_MAX && block + blocks < first + count && goesOn(file, block, blocks))
        blocks++;
      bios.push(readRun(volume, file, block, place, blocks));
    } else context.observer.read(file.owner, block, ZEROES, { device, block: 0 });
    block += blocks;
  }
  for (const bio of bios) device.submit(bio);
  return bios;
}

/** The block so far behind lies as far behind on the device. */
function goesOn(file: F2fsFile, block: Pages, by: Pages): boolean {
  return file.at(block + by) === file.at(block) + by && file.hasContents(block + by);
}

function readRun(volume: Volume, file: F2fsFile, first: Pages, place: BlockNumber, blocks: Pages): Bio {
  const { device, context } = volume;
  const bio = Bio.read(place, blocks);
  bio.end = (ended) => {
    if (ended.status !== "ok") return;
    // Compared here and not after the wait: swap may write past the filesystem in between.
    for (let offset = 0; offset < blocks; offset++) {
      const at = { device, block: place + offset };
      context.observer.read(file.owner, first + offset, ended.contentAt(offset), at);
    }
  };
  return bio;
}

export function* waitForAll(volume: Volume, bios: readonly Bio[], label: string): Actor<Errno | undefined> {
  let errno: Errno | undefined;
  for (const bio of bios) {
    if (!bio.done) yield bio.wait(volume.context.engine, label);
    if (bio.status !== "ok") errno = "EIO";
  }
  return errno;
}
