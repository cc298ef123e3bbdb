import type { BlockDevice, OwnerId } from "../../block/index.ts";
import { bytesOf, type Pages } from "../../engine/index.ts";
import type { DeviceBlock, FileHandle, Holder, Region, SpaceReport, VisitBlock } from "../filesystem.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { DevExtent } from "./device.ts";
import type { Extent } from "./extent-tree.ts";
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
    for (const { fileBlock, count, extent, offset, prealloc } of inode.itemsFrom(0)) {
      if (!prealloc)
        visitRun(info, inode, { first: fileBlock, logical: extent.start + offset, count }, visit);
    }
  }
  for (const { node, start, count } of info.extents.all()) {
    if (!node) continue;
    const { name } = info.context.owners.get(node.owner);
    const handle: FileHandle = { path: name, owner: node.owner, size: 0 };
    visitRun(info, handle, { first: node.index, logical: start, count }, visit);
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
    const [offset, logical, length] = [item.fileBlock, item.extent.start + item.offset, item.count].map(
      bytesOf,
    ) as [number, number, number];
    const last = rows.at(-1);
    const joins =
      last !== undefined &&
      last.unwritten === item.prealloc &&
      last.offset + last.length === offset &&
      last.logical + last.length === logical;
    if (joins) rows[rows.length - 1] = { ...last, length: last.length + length };
    else rows.push({ offset, logical, length, unwritten: item.prealloc });
  }
  return rows;
}

/** The map of one device: chunks cut into extents and free space, with what is not allocated between them. */
export function regions(info: FsInfo, device: BlockDevice): readonly Region[] {
  const known = info.volumes.deviceOf(device);
  const found = [...(known?.extents.valuesFrom(0) ?? [])].flatMap((extent) => regionsOfStripe(info, extent));
  return fillGaps(found, device.size);
}

/** A stripe holds the pieces of its group that are mapped to it; neighbours of one kind and owner are joined. */
function regionsOfStripe(info: FsInfo, { stripe, group }: DevExtent): Region[] {
  const regionsFound = regionsOfGroup(info, group);
  if (!group.profile.striped) {
    const shift = stripe.physical - group.start;
    return regionsFound.map((region) => ({ ...region, block: region.block + shift }));
  }
  const found: Region[] = [];
  for (const region of regionsFound) {
    for (const piece of info.volumes.piecesOf(group, region.block, region.count)) {
      for (let mirror = 0; mirror < group.profile.copies; mirror++) {
        const place = group.place(piece.logical, mirror);
        if (place.stripe !== stripe) continue;
        addRegion(found, { ...region, block: place.block, count: piece.count });
      }
    }
  }
  return found;
}

function addRegion(found: Region[], region: Region): void {
  const last = found.at(-1);
  const joins =
    last !== undefined &&
    last.block + last.count === region.block &&
    last.kind === region.kind &&
    last.owner === region.owner;
  if (joins) found[found.length - 1] = { ...last, count: last.count + region.count };
  else found.push(region);
}

/** What was found in a group, for as long as nothing comes or goes there: maps are drawn often. */
const mapped = new WeakMap<BlockGroup, { readonly version: number; readonly regions: readonly Region[] }>();

function regionsOfGroup(info: FsInfo, group: BlockGroup): readonly Region[] {
  const known = mapped.get(group);
  const { version } = group;
  if (known?.version === version) return known.regions;
  const regionsFound = mapGroup(info, group);
  mapped.set(group, { version, regions: regionsFound });
  return regionsFound;
}

/** The logical space of a group; what is neither free nor an extent is pinned, reserved or excluded. */
function mapGroup(info: FsInfo, group: BlockGroup): Region[] {
  const kind = group.type === "data" ? "data" : "metadata";
  const known: Region[] = info.extents.inGroup(group).map((extent) => {
    const owner = ownerOfExtent(info, extent);
    return { block: extent.start, count: extent.count, kind, owner };
  });
  for (const run of group.free.runsFrom(group.start)) {
    known.push({ block: run.block, count: run.count, kind: "free", owner: undefined });
  }
  const regionsFound: Region[] = [];
  let at = group.start;
  for (const region of known.toSorted((a, b) => a.block - b.block)) {
    if (region.block > at)
      regionsFound.push({ block: at, count: region.block - at, kind: "pinned", owner: undefined });
    regionsFound.push(region);
    at = region.block + region.count;
  }
  if (at < group.end)
    regionsFound.push({ block: at, count: group.end - at, kind: "pinned", owner: undefined });
  return regionsFound;
}

/** The owner of the first reference is enough for a map. */
function ownerOfExtent(info: FsInfo, extent: Extent): OwnerId | undefined {
  if (extent.node) return extent.node.owner;
  const [ref] = extent.refs.all();
  for (const { inodes, id, dead } of info.subvolumes) {
    if (dead || (typeof ref?.holder === "number" && ref.holder !== id)) continue;
    const inode = inodes.get(ref?.ino ?? 0);
    if (inode) return inode.owner;
  }
  return undefined;
}

function fillGaps(sorted: readonly Region[], size: Pages): Region[] {
  const filled: Region[] = [];
  let at = 0;
  for (const region of sorted) {
    if (region.block > at)
      filled.push({ block: at, count: region.block - at, kind: "unallocated", owner: undefined });
    filled.push(region);
    at = region.block + region.count;
  }
  if (at < size) filled.push({ block: at, count: size - at, kind: "unallocated", owner: undefined });
  return filled;
}
