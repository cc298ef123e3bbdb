import { Bio, createPayload, HistoryVerb, type Payload } from "../../block/index.ts";
import { type Actor, assert, type Bytes, type Pages, pagesOf } from "../../engine/index.ts";
import type { OperationResult, Skipped } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { endOf } from "../free-space.ts";
import { activeSwap, gone, refusal } from "../vfs/index.ts";
import type { Extent } from "./extents.ts";
import type { Ext4File } from "./file.ts";
import { BIO_BLOCKS_MAX } from "./file-io.ts";
import { runOf, type Volume } from "./volume.ts";

/** What the kernel log and the evidence call the ioctl. */
const IOCTL = "EXT4_IOC_MOVE_EXT";

/** Neighbouring short extents of a file that lie apart on the device. */
interface Group {
  readonly first: Pages;
  readonly count: Pages;
  readonly runs: number;
}

/**
 * e4defrag: for each group of short extents a donor file with better placed blocks is made, and the kernel exchanges
 * the two while it copies the contents. The program sees only afterwards that the kernel refuses an active swap file.
 */
export function* defragment(
  volume: Volume,
  file: Ext4File,
  threshold: Bytes,
  operation: string,
): Actor<OperationResult> {
  const before = file.extents.physicalRuns().length;
  const skipped: Skipped[] = [];
  let moved: Pages = 0;
  let errno: Errno | undefined;
  for (const group of fragmentedGroups(file, pagesOf(threshold))) {
    const what = `${file.path} blocks ${group.first}..${group.first + group.count - 1}`;
    const donor = makeDonor(volume, file, group);
    if (typeof donor === "string") {
      skipped.push({ what, reason: donor });
      continue;
    }
    errno = yield* exchange(volume, file, donor, operation);
    // By now the donor holds the old blocks; its last close frees them.
    volume.removeDonor(donor);
    if (errno) {
      skipped.push({ what, reason: `${IOCTL} answered ${errno}` });
      break;
    }
    moved += group.count;
  }
  const after = file.extents.physicalRuns().length;
  return {
    errno,
    achieved: `moved ${moved} blocks of ${file.path}, extents: ${before} -> ${after}`,
    skipped,
  };
}

/** Runs of at least two neighbouring extents below the threshold, as filefrag counts extents. */
function fragmentedGroups(file: Ext4File, threshold: Pages): readonly Group[] {
  const groups: Group[] = [];
  let open: Group | undefined;
  for (const { first, count } of file.extents.physicalRuns()) {
    // A hole ends a group as a long extent does.
    if (open && first !== open.first + open.count) open = finish(groups, open);
    if (count >= threshold) open = finish(groups, open);
    else if (open) open = { first: open.first, count: open.count + count, runs: open.runs + 1 };
    else open = { first, count, runs: 1 };
  }
  finish(groups, open);
  return groups;
}

/** Closes a group; a single extent is no fragmentation. */
function finish(groups: Group[], group: Group | undefined): undefined {
  if (group && group.runs > 1) groups.push(group);
  return undefined;
}

/** A donor that is less fragmented than the group, or why there is none. */
function makeDonor(volume: Volume, file: Ext4File, group: Group): Ext4File | string {
  const donor = volume.addDonor(file);
  if (!volume.allocate(donor, group.first, group.count, volume.layout.goal)) {
    volume.removeDonor(donor);
    return "ENOSPC: too few free blocks for a donor file";
  }
  const runs = donor.extents.physicalRuns().length;
  if (runs < group.runs) return donor;
  volume.removeDonor(donor);
  return `free space has no better place: ${runs} extents instead of ${group.runs}`;
}

/** One ioctl for each extent of the donor. The lock is free between two of them, and the file may have changed. */
function* exchange(
  volume: Volume,
  file: Ext4File,
  donor: Ext4File,
  operation: string,
): Actor<Errno | undefined> {
  for (const extent of [...donor.extents]) {
    yield* file.lock.lockExclusive("ext4_move_extents: inode lock");
    const errno =
      refusal(volume, file, [gone, activeSwap]) ?? (yield* moveExtent(volume, file, donor, extent));
    file.lock.unlockExclusive();
    if (errno) {
      volume.context.observer.relocated(
        file.owner,
        extent.first,
        extent.count,
        "refused",
        operation,
        `${IOCTL} answered ${errno}`,
      );
      return errno;
    }
    volume.context.observer.relocated(file.owner, extent.first, extent.count, "moved", operation, IOCTL);
  }
  return undefined;
}

/**
 * ext4_move_extents for the range of one donor extent: copies what has contents, then exchanges the blocks of the
 * two files in one step. The inode lock is held all the time, so the contents cannot change under the copy. (The
 * kernel exchanges page by page under the same lock.)
 */
function* moveExtent(
  volume: Volume,
  file: Ext4File,
  donor: Ext4File,
  target: Extent,
): Actor<Errno | undefined> {
  for (const piece of file.extents.pieces(target.first, target.count)) {
    // An unwritten extent has nothing to copy; a hole leaves the donor's blocks to the donor.
    if (piece.block === undefined || !piece.written) continue;
    const errno = yield* copyBlocks(volume, piece, target.block + (piece.first - target.first));
    if (errno) return errno;
  }
  swapExtents(volume, file, donor, target);
  return undefined;
}

/** ext4_swap_extents: the file gets the donor's blocks and keeps its own kinds, the donor gets the file's. */
function swapExtents(volume: Volume, file: Ext4File, donor: Ext4File, target: Extent): void {
  volume.journal.start();
  for (const old of file.extents.remove(target.first, target.count)) {
    const [fresh, ...more] = donor.extents.remove(old.first, old.count);
    assert(fresh !== undefined && more.length === 0, "an extent of a donor is in one piece");
    file.extents.insert({ ...fresh, written: old.written });
    donor.extents.insert({ ...old, written: false });
    volume.note(HistoryVerb.MovedAway, runOf(old), file, old.first);
    volume.noteAllocated(file, fresh.first, runOf(fresh));
  }
}

/** Copies piece by piece, one request at a time, as the kernel does through the page cache of the file. */
function* copyBlocks(volume: Volume, from: Extent, to: number): Actor<Errno | undefined> {
  const { device } = volume;
  for (let block = from.block; block < endOf(from); block += BIO_BLOCKS_MAX) {
    const read = Bio.read(block, Math.min(BIO_BLOCKS_MAX, endOf(from) - block));
    if ((yield* device.submitAndWait(read, "ext4_move_extents: read")) !== "ok") return "EIO";
    const write = Bio.writePayload(to + (block - from.block), payloadOf(read));
    if ((yield* device.submitAndWait(write, "ext4_move_extents: write")) !== "ok") return "EIO";
  }
  return undefined;
}

/** The contents a read found, to be written elsewhere. */
function payloadOf(read: Bio): Payload {
  if (read.payload) return read.payload;
  const payload = createPayload(read.count);
  for (let offset = 0; offset < read.count; offset++) {
    const { generation, owner, index } = read.contentAt(offset);
    payload.generation[offset] = generation;
    payload.owner[offset] = owner;
    payload.index[offset] = index;
  }
  return payload;
}
