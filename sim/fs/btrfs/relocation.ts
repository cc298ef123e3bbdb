import { Bio, HistoryVerb, type Payload } from "../../block/index.ts";
import { type Actor, bytesOf, PAGE_SIZE, type Pages, probe, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BalanceFilters, OperationResult, Skipped } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import { RELOCATE_EXTENT_CPU } from "./costs.ts";
import type { Extent, Reservation } from "./extent-tree.ts";
import { readLogical } from "./file-read.ts";
import type { FsInfo } from "./fs-info.ts";
import type { FileExtent, Inode } from "./inode.ts";

const hitWaits = probe("relocation waits for in-place writes that were decided on before");
const hitChanged = probe("an extent is overwritten while relocation copies it");

/** btrfs_balance: the chosen block groups, from the highest address down, relocated one after the other. */
export function* balance(info: FsInfo, filters: BalanceFilters, operation: string): Actor<OperationResult> {
  yield step("btrfs_balance", info);
  if (!info.startExclusive("balance")) {
    return { errno: "EINPROGRESS", achieved: "another exclusive operation is running", skipped: [] };
  }
  const all = info.volumes.groups();
  const chosen = all
    .filter((group) => matches(group, filters))
    .reverse()
    .slice(0, filters.limit);
  const skipped: Skipped[] = [];
  let relocated = 0;
  let moved: Pages = 0;
  let noSpace = 0;
  for (const group of chosen) {
    const used = group.used;
    const errno = yield* relocateBlockGroup(info, group, operation);
    if (errno === undefined) {
      relocated++;
      moved += used;
      continue;
    }
    if (errno === "ENOSPC") noSpace++;
    skipped.push({ what: nameOf(group), reason: reasonOf(errno) });
  }
  info.endExclusive();
  return {
    errno: noSpace > 0 ? "ENOSPC" : undefined,
    achieved: `relocated ${relocated} of ${all.length} chunks, ${Math.round(bytesOf(moved) / 1_048_576)} MiB`,
    skipped,
  };
}

function nameOf(group: BlockGroup): string {
  return `block group ${group.start * PAGE_SIZE}`;
}

function reasonOf(errno: Errno): string {
  return errno === "ETXTBSY" ? "active swapfile" : `${errno}: no room for its extents elsewhere`;
}

/** The filters of btrfs_balance that the model has; a group must pass all of them. */
function matches(group: BlockGroup, filters: BalanceFilters): boolean {
  if (filters.type !== "all" && filters.type !== group.type) return false;
  if (filters.usage !== undefined && group.usage > filters.usage) return false;
  const { vrange, vrangeOf } = filters;
  if (vrange && !(group.start * PAGE_SIZE < vrange.to && vrange.from < group.end * PAGE_SIZE)) return false;
  if (!vrangeOf) return true;
  const inode = vrangeOf as Inode;
  return inode.items().some(({ extent }) => group.holds(extent.start));
}

/** btrfs_relocate_block_group: copies every extent, switches the pointers, commits, removes the chunk. */
function* relocateBlockGroup(info: FsInfo, group: BlockGroup, operation: string): Actor<Errno | undefined> {
  let refusal = incBlockGroupRo(info, group, operation);
  if (refusal === "ENOSPC") {
    // The space of the group before this one is free only after a commit (prepare_to_relocate).
    yield* info.transactions.commit();
    refusal = incBlockGroupRo(info, group, operation);
  }
  if (refusal) return refusal;
  info.context.log(`BTRFS info: relocating block group ${group.start * PAGE_SIZE} flags ${group.type}`);
  if (!group.isQuiet) hitWaits();
  while (!group.isQuiet) yield group.drained.wait("btrfs_wait_nocow_writers");
  const errno =
    group.type === "data" ? yield* relocateData(info, group, operation) : relocateTreeBlocks(info, group);
  yield* info.transactions.commit();
  group.readOnly = false;
  if (errno === undefined && group.free.blocks === group.length && isStillThere(info, group)) {
    info.volumes.removeChunk(group);
  }
  return errno;
}

function isStillThere(info: FsInfo, group: BlockGroup): boolean {
  return info.volumes.groups().includes(group);
}

/** Makes the group read-only: refused while a swap file is active in it, or if the rest has no room. */
function incBlockGroupRo(info: FsInfo, group: BlockGroup, operation: string): Errno | undefined {
  const { context, extents, volumes } = info;
  if (group.swapExtents > 0) {
    context.log(
      `BTRFS info: skipping relocation of block group ${group.start * PAGE_SIZE} due to active swapfile`,
    );
    for (const extent of extents.inGroup(group)) tell(info, extent, "skipped", operation, "active swapfile");
    return "ETXTBSY";
  }
  const elsewhere =
    extents.freeBlocks(group.type) - group.free.blocks + volumes.unallocated / group.profile.copies;
  if (elsewhere < group.used) return "ENOSPC";
  group.readOnly = true;
  return undefined;
}

function relocateTreeBlocks(info: FsInfo, group: BlockGroup): undefined {
  for (const extent of info.extents.inGroup(group)) info.metadata.touchNode(extent);
  return undefined;
}

function* relocateData(info: FsInfo, group: BlockGroup, operation: string): Actor<Errno | undefined> {
  for (const extent of info.extents.inGroup(group)) {
    const errno = yield* relocateExtent(info, extent, operation);
    if (errno !== undefined) return errno;
  }
  return undefined;
}

/** Stage "move data extents", then "update data pointers" for whatever still refers to the old place. */
function* relocateExtent(info: FsInfo, extent: Extent, operation: string): Actor<Errno | undefined> {
  let pieces = info.reserveData(extent.count, undefined);
  if (!pieces) {
    yield* info.transactions.commit();
    pieces = info.reserveData(extent.count, undefined);
  }
  if (!pieces) return "ENOSPC";
  const items = [...extent.refs];
  const payload = yield* readLogical(info, extent.start, extent.count);
  if (!payload) {
    for (const piece of pieces) info.extents.unreserve(piece);
    return "EIO";
  }
  yield* writePieces(info, pieces, payload);
  yield* info.context.processors.run("update data pointers", RELOCATE_EXTENT_CPU);
  if (items.some((item) => !extent.refs.has(item))) hitChanged();
  if (extent.refs.size === 0) {
    for (const piece of pieces) info.extents.unreserve(piece);
    return undefined;
  }
  info.note(extent.start, extent.count, HistoryVerb.MovedAway, ...ownerOf(extent));
  tell(info, extent, "moved", operation, "block group relocated");
  replaceFileExtents(info, extent, pieces);
  return undefined;
}

function* writePieces(info: FsInfo, pieces: readonly Reservation[], payload: Payload): Actor {
  const bios: Bio[] = [];
  let at = 0;
  for (const { start, count, group } of pieces) {
    for (let offset = 0; offset < count; offset += 256) {
      const length = Math.min(256, count - offset);
      const part: Payload = {
        generation: payload.generation.slice(at + offset, at + offset + length),
        owner: payload.owner.slice(at + offset, at + offset + length),
        index: payload.index.slice(at + offset, at + offset + length),
      };
      for (const { device, block } of group.placesOf(start + offset)) {
        const bio = Bio.writePayload(block, part);
        device.submit(bio);
        bios.push(bio);
      }
    }
    at += count;
  }
  for (const bio of bios) if (!bio.done) yield bio.wait(info.context.engine, "relocate_data_extent");
}

/** replace_file_extents: one atomic step. Every item that refers to the old extent refers to the new pieces. */
function replaceFileExtents(info: FsInfo, extent: Extent, pieces: readonly Reservation[]): void {
  const fresh: { readonly extent: Extent; readonly from: Pages }[] = [];
  let from = 0;
  for (const piece of pieces) {
    const checksums = checksumsFrom(extent, from, piece.count);
    fresh.push({
      extent: info.extents.insert(piece, extent.generation, checksums ? { checksums } : {}),
      from,
    });
    from += piece.count;
  }
  for (const item of [...extent.refs]) replaceItem(info, item, fresh);
  info.metadata.touchExtent(extent.start, extent.count, extent.checksums !== undefined);
  for (const { extent: piece } of fresh) {
    info.metadata.touchExtent(piece.start, piece.count, piece.checksums !== undefined);
    // A piece nobody refers to lay in a part of the old extent that had been overwritten before.
    if (piece.refs.size === 0) info.extents.free(piece, ...ownerOf(extent));
  }
}

function replaceItem(
  info: FsInfo,
  item: FileExtent,
  fresh: readonly { readonly extent: Extent; readonly from: Pages }[],
): void {
  const { inode, fileBlock, count, offset, prealloc } = item;
  inode.punch(fileBlock, fileBlock + count, (old) => {
    for (const { extent, from } of fresh) {
      const start = Math.max(offset, from);
      const end = Math.min(offset + count, from + extent.count);
      if (start >= end) continue;
      const block = fileBlock + (start - offset);
      info.noteAllocated(
        inode.insert({ fileBlock: block, count: end - start, extent, offset: start - from, prealloc }),
      );
    }
    info.extents.dropRef(old.extent, old);
  });
  info.metadata.touchFile(inode, fileBlock, count);
}

function checksumsFrom({ checksums }: Extent, from: Pages, count: Pages): Extent["checksums"] {
  if (checksums === undefined) return undefined;
  return checksums instanceof Uint32Array
    ? checksums.slice(from, from + count)
    : { first: checksums.first + from };
}

function ownerOf(extent: Extent): [owner: number, index: number] {
  const [item] = extent.refs;
  return item ? [item.inode.owner, item.fileBlock - item.offset] : [0, 0];
}

/** Tells the observer what happened to every file block that refers to an extent. */
function tell(
  info: FsInfo,
  extent: Extent,
  how: "moved" | "skipped",
  operation: string,
  reason: string,
): void {
  for (const { inode, fileBlock, count } of extent.refs) {
    info.context.observer.relocated(inode.owner, fileBlock, count, how, operation, reason);
  }
}
