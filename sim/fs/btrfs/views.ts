import type { BlockDevice } from "../../block/index.ts";
import { bytesOf, type Pages } from "../../engine/index.ts";
import type { DeviceBlock, FileHandle, Holder, Region, SpaceReport } from "../filesystem.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";

/** Everybody who refers to a device block: files, snapshots, or a tree. */
export function holdersOf(info: FsInfo, { device, block }: DeviceBlock): readonly Holder[] {
  const logical = info.volumes.logicalOf(device, block);
  const extent = logical === undefined ? undefined : info.extents.at(logical);
  if (!extent || logical === undefined) return [];
  const offset = logical - extent.start;
  if (extent.node) return [{ owner: extent.node.owner, index: extent.node.index + offset }];
  const holders: Holder[] = [];
  for (const item of extent.refs) {
    if (offset < item.offset || offset >= item.offset + item.count) continue;
    holders.push({ owner: item.inode.owner, index: item.fileBlock + (offset - item.offset) });
  }
  return holders;
}

/** Calls `visit` for every written block of every file and every block of every tree. */
export function forEachBlock(
  info: FsInfo,
  visit: (file: FileHandle, block: Pages, place: DeviceBlock) => void,
): void {
  for (const inode of info.inodes()) {
    for (const { fileBlock, count, extent, offset, prealloc } of inode.items()) {
      if (prealloc) continue;
      const { device, block } = info.groupOf(extent).firstPlaceOf(extent.start + offset);
      for (let at = 0; at < count; at++) visit(inode, fileBlock + at, { device, block: block + at });
    }
  }
  for (const { owner, extent } of info.metadata.nodes()) {
    const handle: FileHandle = { path: owner.name, owner: owner.id, size: 0 };
    const { device, block } = info.groupOf(extent).firstPlaceOf(extent.start);
    const first = extent.node?.index ?? 0;
    for (let at = 0; at < extent.count; at++) visit(handle, first + at, { device, block: block + at });
  }
}

/** btrfs filesystem usage. Sizes count each copy, as space on the devices. */
export function space(info: FsInfo): SpaceReport {
  const groups = info.volumes.groups();
  const sum = (type: GroupType, of: (group: BlockGroup) => Pages): number =>
    bytesOf(
      groups
        .filter((group) => group.type === type)
        .reduce((total, group) => total + of(group) * group.stripes.length, 0),
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

/** The map of one device: chunks cut into extents and free space, with what is not allocated between them. */
export function regions(info: FsInfo, device: BlockDevice): readonly Region[] {
  const found: Region[] = [];
  for (const group of info.volumes.groups()) {
    for (const stripe of group.stripes) {
      if (stripe.device === device)
        found.push(...regionsOfStripe(info, group, stripe.physical - group.start));
    }
  }
  return fillGaps(
    found.toSorted((a, b) => a.block - b.block),
    device.size,
  );
}

function regionsOfStripe(info: FsInfo, group: BlockGroup, shift: number): Region[] {
  const regionsFound: Region[] = info.extents.inGroup(group).map((extent) => {
    const [item] = extent.refs;
    const block = extent.start + shift;
    const kind = group.type === "metadata" ? "metadata" : "data";
    return { block, count: extent.count, kind, owner: item?.inode.owner ?? extent.node?.owner };
  });
  for (const run of group.free.runsFrom(group.start)) {
    regionsFound.push({ block: run.block + shift, count: run.count, kind: "free", owner: undefined });
  }
  return regionsFound
    .toSorted((a, b) => a.block - b.block)
    .flatMap((region, index, sorted) => {
      const end = index + 1 < sorted.length ? sorted[index + 1]!.block : group.end + shift;
      const gap = end - (region.block + region.count);
      if (gap <= 0) return [region];
      const pinned: Region = {
        block: region.block + region.count,
        count: gap,
        kind: "pinned",
        owner: undefined,
      };
      return [region, pinned];
    });
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
