import { bytesOf, type Pages } from "../../engine/index.ts";
import type { DeviceBlock, FileHandle } from "../file-handle.ts";
import type { Holder, SpaceReport, VisitBlock } from "../filesystem.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import { contentNow } from "./file-read.ts";
import type { FsInfo } from "./fs-info.ts";
import { holdersOfBlock } from "./holders.ts";
import type { Inode } from "./inode.ts";

/** Everybody who refers to a device block: files, snapshots, or a tree. */
export function holdersOf(info: FsInfo, { device, block }: DeviceBlock): readonly Holder[] {
  const logical = info.volumes.logicalOf(device, block);
  const extent = logical === undefined ? undefined : info.extents.at(logical);
  if (!extent || logical === undefined) return [];
  const offset = logical - extent.start;
  if (extent.node) return [{ owner: extent.node.owner, index: extent.node.index + offset }];
  return holdersOfBlock(info, extent, offset);
}

/** Calls `visit` for every written block of every file and every block of every tree. */
export function forEachBlock(info: FsInfo, visit: VisitBlock): void {
  for (const inode of info.inodes()) {
    for (const item of inode.itemsFrom(0)) {
      if (item.prealloc) continue;
      if (item.extent.compressed) {
        visitCompressed(info, inode, item, visit);
        continue;
      }
      const mayDiffer = info.hasTornMirrors && item.extent.checksums === undefined;
      const visitOne: VisitBlock = mayDiffer ? (file, block, place) => visit(file, block, place) : visit;
      const { fileBlock, count } = item;
      visitRun(info, inode, { first: fileBlock, logical: logicalOf(item, fileBlock), count }, visitOne);
    }
  }
  for (const { node, start, count } of info.extents.all()) {
    if (!node || info.transactions.isInFlight(node)) continue;
    const { name } = info.context.owners.get(node.owner);
    const handle: FileHandle = { path: name, owner: node.owner, size: 0 };
    visitRun(info, handle, { first: node.index, logical: start, count }, visit);
  }
}

/** Blocks of compressed data have one place, where the extent begins, and hold what it decompresses to. */
function visitCompressed(info: FsInfo, file: FileHandle, item: FileExtent, visit: VisitBlock): void {
  const place = info.groupOf(item.extent).firstPlaceOf(item.extent.start);
  for (let block = item.fileBlock; block < item.end; block++) {
    visit(file, block, place, [], contentNow(info, item, block));
  }
}

function visitRun(
  { volumes }: FsInfo,
  file: FileHandle,
  run: { readonly first: Pages; readonly logical: number; readonly count: Pages },
  visit: VisitBlock,
): void {
  const group = volumes.groupAt(run.logical);
  for (const piece of volumes.piecesOf(group, run.logical, run.count)) {
    const first = run.first + (piece.logical - run.logical);
    const [place, ...copies] = piece.places.filter(({ device }) => !volumes.deviceOf(device)!.missing);
    if (!place) continue;
    for (let at = 0; at < piece.count; at++) {
      const { device, block } = place;
      const others = copies.map((copy) => ({ device: copy.device, block: copy.block + at }));
      visit(file, first + at, { device, block: block + at }, others);
    }
  }
}

/** btrfs filesystem usage. Sizes count each copy, as space on the devices. */
export function space(info: FsInfo): SpaceReport {
  const sum = (type: GroupType, of: (group: BlockGroup) => Pages): number =>
    bytesOf(
      info.volumes.groupsOf(type).reduce((total, group) => total + of(group) * group.profile.copies, 0),
    );
  if (info.volumes.mixed) return mixedSpace(info, sum);
  return {
    size: bytesOf(info.volumes.size),
    dataUsed: sum("data", (group) => group.used + group.reserved),
    dataAllocated: sum("data", (group) => group.length),
    metadataUsed: sum("metadata", (group) => group.used + group.reserved),
    metadataAllocated: sum("metadata", (group) => group.length),
    pinned: bytesOf(info.transactions.pinnedBlocks),
    unallocated: bytesOf(info.volumes.unallocated),
  };
}

/** Mixed groups count as data; of what is used in them, the trees count as metadata. */
function mixedSpace(
  info: FsInfo,
  sum: (type: GroupType, of: (group: BlockGroup) => Pages) => number,
): SpaceReport {
  const { copies } = info.allocProfile("mixed");
  const inSystem = info.volumes.groupsOf("system").reduce((total, { used }) => total + used, 0);
  const metadataUsed = bytesOf((info.extents.nodeBlocks - inSystem) * copies);
  return {
    size: bytesOf(info.volumes.size),
    dataUsed: sum("mixed", (group) => group.used + group.reserved) - metadataUsed,
    dataAllocated: sum("mixed", (group) => group.length),
    metadataUsed,
    metadataAllocated: 0,
    pinned: bytesOf(info.transactions.pinnedBlocks),
    unallocated: bytesOf(info.volumes.unallocated),
  };
}

/** A chunk as `btrfs inspect-internal dump-tree -t chunk` shows it, in bytes. */
export interface ChunkRow {
  readonly flags: string;
  readonly start: number;
  readonly length: number;
  readonly used: number;
  readonly stripes: readonly { readonly devid: number; readonly physical: number }[];
}

export function chunkRows(info: FsInfo): readonly ChunkRow[] {
  return info.volumes.groups().map((group) => ({
    flags: group.flags,
    start: group.bytenr,
    length: bytesOf(group.length),
    used: bytesOf(group.used),
    stripes: group.stripes.map(({ device, physical }) => ({
      devid: device.id,
      physical: bytesOf(physical),
    })),
  }));
}

/** One line of filefrag, in bytes. */
export interface FiemapRow {
  readonly offset: number;
  readonly logical: number;
  readonly length: number;
  readonly unwritten: boolean;
}

export function fiemapRows(inode: Inode): readonly FiemapRow[] {
  const rows: FiemapRow[] = [];
  for (const item of inode.itemsFrom(0)) {
    const [offset, logical, length] = [item.fileBlock, logicalOf(item, item.fileBlock), item.count].map(
      bytesOf,
    ) as [number, number, number];
    const last = rows.at(-1);
    const joins =
      last !== undefined &&
      last.unwritten === item.prealloc &&
      !item.extent.compressed &&
      last.offset + last.length === offset &&
      last.logical + last.length === logical;
    if (joins) rows[rows.length - 1] = { ...last, length: last.length + length };
    else rows.push({ offset, logical, length, unwritten: item.prealloc });
  }
  return rows;
}
