import { type Bio, HistoryVerb } from "../../block/index.ts";
import { type Actor, type Bytes, MIB, PAGE_SIZE, type Pages, probe, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BlockGroup } from "./block-group.ts";
import { INSERT_BYTES, UPDATE_BYTES } from "./block-rsv.ts";
import type { Extent } from "./extent-tree.ts";
import { onDisk } from "./file-extent.ts";
import { readLogical } from "./file-read.ts";
import type { Reservation } from "./find-free-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import { dirtyLeavesOf, holdersOfExtent } from "./holders.ts";
import { slicePayload, submitWrite, waitForAll } from "./map-bio.ts";
import { isPinnedBySwapFile } from "./swapfile.ts";
import { NODE_BLOCKS } from "./tree-block.ts";

const hitWaits = probe("relocation waits for in-place writes that were decided on before");
const hitChanged = probe("an extent is overwritten while relocation copies it");

/** Contiguous extents that are copied together (MAX_EXTENTS, relocation.c). */
const CLUSTER_EXTENTS = 128;
/** Blocks read before they are written. An estimate of the page cache the copy goes through: 8 MiB. */
const COPY_BLOCKS: Pages = (8 * MIB) / PAGE_SIZE;
/** Extents whose pointers change between two points where others may run. */
const POINTERS_PER_STEP = 32;

/** Reserved before anything moves: 256 nodes (RELOCATION_RESERVED_NODES). */
const RESERVED_NODES = 256;
/** Worst case of a new chunk on one device: its item, and that of the device. */
const CHUNK_CHANGE_BYTES: Bytes = INSERT_BYTES + UPDATE_BYTES;

/** An extent and the place it has been copied to. */
interface Copy {
  readonly extent: Extent;
  readonly to: Reservation;
}

/**
 * btrfs_relocate_block_group: nothing new is allocated in the group, writes that were decided on are waited for, then
 * everything is copied, the pointers change, and the empty chunk goes. ETXTBSY while swap extents are pinned in it.
 */
export function* relocateBlockGroup(
  info: FsInfo,
  group: BlockGroup,
  operation: string,
): Actor<Errno | undefined> {
  yield* info.startWrite();
  const refused = yield* incBlockGroupRo(info, group, operation);
  if (refused) return refused;
  info.context.log(`BTRFS info: relocating block group ${group.bytenr} flags ${group.flags}`);
  if (info.context.engine.exploring) yield step("btrfs_wait_nocow_writers", group);
  if (!group.isQuiet) hitWaits();
  while (!group.isQuiet) yield group.drained.wait("btrfs_wait_nocow_writers");
  const errno = yield* relocateReserved(info, group, operation);
  if (errno === undefined) yield* info.startWrite();
  // Read-only to the end: who has decided to write in place must not find a moved extent's old group open again.
  group.unmarkReadOnly();
  if (errno !== undefined) return errno;
  if (info.readOnly) return "EROFS";
  if (group.isEmpty && !group.removed) info.volumes.removeChunk(group);
  return undefined;
}

/** relocate_block_group, after prepare_to_relocate has reserved metadata for it. */
function* relocateReserved(info: FsInfo, group: BlockGroup, operation: string): Actor<Errno | undefined> {
  // The kernel reserves more as it goes from node to node; here they all move in one commit.
  const moving = group.type === "data" ? 0 : info.extents.inGroup(group).filter(({ node }) => node).length;
  const reserved = (RESERVED_NODES + moving) * NODE_BLOCKS * PAGE_SIZE;
  const refused = yield* info.metadata.reserve(reserved);
  if (refused) return refused;
  // What the chunk before this one occupied is free from here on.
  yield* info.transactions.commit();
  const errno = info.readOnly ? "EROFS" : yield* moveEverything(info, group, operation);
  info.metadata.release(reserved);
  return errno;
}

function* moveEverything(info: FsInfo, group: BlockGroup, operation: string): Actor<Errno | undefined> {
  const errno = holdsData(group) ? yield* relocateData(info, group, operation) : undefined;
  if (errno !== undefined || group.type === "data") return errno;
  return yield* relocateTreeBlocks(info, group);
}

function holdsData({ type }: BlockGroup): boolean {
  return type === "data" || type === "mixed";
}

/**
 * btrfs_inc_block_group_ro: refused while a swap file is active in the group. Each group whose profile new chunks will not
 * have gets a successor first, needed or not, unless the devices are full; a SYSTEM chunk is only made where one is needed.
 */
function* incBlockGroupRo(info: FsInfo, group: BlockGroup, operation: string): Actor<Errno | undefined> {
  const decision = info.rules.ask("relocate block group", {
    swapGroup: isPinnedBySwapFile(info, group),
    group: group.bytenr,
  });
  if (decision) {
    if (decision.message !== undefined) info.context.log(`BTRFS info: ${decision.message}`);
    tellSkipped(info, group, operation);
    return "ETXTBSY";
  }
  if (group.type !== "system" && info.allocProfile(group.type) !== group.profile) {
    info.allocator.allocateChunk(group.type);
  }
  if (group.type !== "data" && !canDoWithout(info, group)) return "ENOSPC";
  if (info.context.engine.exploring) yield step("btrfs_inc_block_group_ro", group);
  if (group.markReadOnly()) {
    if (group.type === "system") checkSystemChunk(info);
    return undefined;
  }
  tellSkipped(info, group, operation);
  return "ETXTBSY";
}

/** What is free in the group is not needed, or a new chunk has as much (btrfs_chunk_alloc makes no SYSTEM chunks). */
function canDoWithout({ metadata, allocator }: FsInfo, group: BlockGroup): boolean {
  if (metadata.canDoWithout(group)) return true;
  if (group.type === "system" || !allocator.allocateChunk(group.type)) return false;
  return metadata.canDoWithout(group);
}

/** check_system_chunk: room for what the next chunk changes in the chunk tree, if the devices have any. */
function checkSystemChunk({ allocator }: FsInfo): void {
  if (allocator.freeBlocks("system") * PAGE_SIZE < CHUNK_CHANGE_BYTES) allocator.allocateChunk("system");
}

/** The swap file in the group stays where it is: that is what an observer of swap wants to know. */
export function tellSkipped(info: FsInfo, group: BlockGroup, operation: string): void {
  for (const [{ owner, size }, { groups }] of info.swapPins) {
    if (!groups.has(group)) continue;
    info.context.observer.relocated(owner, 0, size, "skipped", operation, "active swapfile");
  }
}

/** Every node in the group gets a new place in the next commit. */
function* relocateTreeBlocks(info: FsInfo, group: BlockGroup): Actor<Errno | undefined> {
  yield* info.startWrite();
  const nodes = info.extents.inGroup(group);
  for (const { node } of nodes) if (node) info.transactions.dirty.add(node);
  logFound(info, nodes.length, "move data extents");
  yield* info.transactions.commit();
  // Nodes that became dirty while the commit ran were written to their old group's successor as well.
  if (!group.isEmpty) yield* info.transactions.commit();
  return info.readOnly ? "EROFS" : undefined;
}

/** Stage "move data extents", a commit, stage "update data pointers", a commit. */
function* relocateData(info: FsInfo, group: BlockGroup, operation: string): Actor<Errno | undefined> {
  const copies: Copy[] = [];
  const errno = yield* moveDataExtents(info, group, copies);
  if (errno !== undefined) {
    for (const { to } of copies) info.allocator.unreserve(to);
    return errno;
  }
  logFound(info, copies.length, "move data extents");
  if (copies.length > 0) yield* info.transactions.commit();
  yield* updateDataPointers(info, copies, operation);
  logFound(info, copies.length, "update data pointers");
  yield* info.transactions.commit();
  return undefined;
}

function logFound(info: FsInfo, count: number, stage: string): void {
  if (count > 0) info.context.log(`BTRFS info: found ${count} extents, stage: ${stage}`);
}

function* moveDataExtents(info: FsInfo, group: BlockGroup, copies: Copy[]): Actor<Errno | undefined> {
  let cluster: Copy[] = [];
  for (const extent of info.extents.inGroup(group)) {
    if (extent.refs.count === 0) continue;
    const last = cluster.at(-1);
    if (last && (last.extent.end !== extent.start || cluster.length === CLUSTER_EXTENTS)) {
      const errno = yield* relocateFileExtentCluster(info, cluster);
      if (errno !== undefined) return errno;
      cluster = [];
    }
    yield* info.startWrite();
    const hint = copies.at(-1)?.to;
    const to = yield* preallocFileExtent(info, extent.count, hint && hint.start + hint.count);
    if (!to) return "ENOSPC";
    const copy = { extent, to };
    copies.push(copy);
    cluster.push(copy);
  }
  return cluster.length > 0 ? yield* relocateFileExtentCluster(info, cluster) : undefined;
}

/** prealloc_file_extent_cluster: an extent moves in one piece or not at all. */
function* preallocFileExtent(
  info: FsInfo,
  count: Pages,
  hint: number | undefined,
): Actor<Reservation | undefined> {
  const found = info.allocator.reserve("data", count, hint, count);
  if (found) return found;
  // The space of the group before this one is free only after a commit.
  yield* info.transactions.commit();
  return info.allocator.reserve("data", count, hint, count);
}

/** relocate_file_extent_cluster: read the old places, write the new ones. */
function* relocateFileExtentCluster(info: FsInfo, cluster: readonly Copy[]): Actor<Errno | undefined> {
  const end = cluster.at(-1)!.extent.end;
  let next = 0;
  for (let from = cluster[0]!.extent.start; from < end; from += COPY_BLOCKS) {
    const to = Math.min(end, from + COPY_BLOCKS);
    const payload = yield* readLogical(info, from, to - from);
    if (!payload) return "EIO";
    const written: { group: BlockGroup; bios: Bio[] }[] = [];
    for (; next < cluster.length; next++) {
      const { extent, to: place } = cluster[next]!;
      const first = Math.max(from, extent.start);
      const count = Math.min(to, extent.end) - first;
      if (count <= 0) break;
      const part = slicePayload(payload, first - from, count);
      const start = place.start + (first - extent.start);
      const bios = submitWrite(info, start, { first: 0, count, payload: part });
      written.push({ group: place.group, bios });
      if (extent.end > to) break;
    }
    for (const { group, bios } of written) {
      const errno = yield* waitForAll(info, group, bios);
      if (errno !== undefined) return errno;
    }
  }
  return undefined;
}

/** replace_file_extents, for all trees at once: whoever still names the extent finds it at its new place. */
function* updateDataPointers(info: FsInfo, copies: readonly Copy[], operation: string): Actor {
  for (let at = 0; at < copies.length; at += POINTERS_PER_STEP) {
    const batch = copies.slice(at, at + POINTERS_PER_STEP);
    yield* info.context.processors.run("update data pointers", batch.length * info.costs.btrfsRelocateExtent);
    yield* info.startWrite();
    for (const copy of batch) movePointers(info, copy, operation);
  }
}

function movePointers(info: FsInfo, { extent, to }: Copy, operation: string): void {
  if (extent.refs.count === 0 || info.readOnly) {
    hitChanged();
    info.allocator.unreserve(to);
    return;
  }
  const { observer } = info.context;
  const from = extent.start;
  info.trees.touchExtent(from, extent.count, extent.checksums !== undefined);
  const holders = [...holdersOfExtent(info, extent)];
  const [first] = holders;
  const owner = first?.inode.owner ?? 0;
  const base = first?.item.extentBase ?? 0;
  info.note(HistoryVerb.MovedAway, from, extent.count, owner, base);
  info.transactions.undoOnCrash(info.extents.relocate(extent, to, owner, base));
  dirtyLeavesOf(info, extent);
  info.trees.touchExtent(extent.start, extent.count, extent.checksums !== undefined);
  for (const { inode, item } of holders) {
    const { start, count } = onDisk(item);
    info.note(HistoryVerb.Allocated, start, count, inode.owner, item.fileBlock);
    observer.relocated(inode.owner, item.fileBlock, item.count, "moved", operation, "block group relocated");
  }
}
