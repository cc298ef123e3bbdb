import type { FsInfo } from "./fs-info.ts";

/** fsck: recounts extents, references, free space and pins; each sentence is a broken invariant. */
export function check(info: FsInfo): readonly string[] {
  return [...checkExtents(info), ...checkReferences(info), ...checkGroups(info)];
}

/** No block has two owners, and every extent lies in one group. */
function checkExtents(info: FsInfo): string[] {
  const broken: string[] = [];
  let end = 0;
  for (const extent of info.extents.all()) {
    if (extent.start < end) broken.push(`extent ${extent.start} overlaps the one before it`);
    end = extent.start + extent.count;
    if (end > info.volumes.groupAt(extent.start).end)
      broken.push(`extent ${extent.start} crosses its block group`);
    if (extent.refs.size === 0 && extent.node === undefined)
      broken.push(`extent ${extent.start} belongs to nobody`);
  }
  return broken;
}

/** Every file extent item is a reference of its extent, and every reference is an item. */
function checkReferences(info: FsInfo): string[] {
  const broken: string[] = [];
  let items = 0;
  for (const inode of info.inodes()) {
    let end = 0;
    for (const item of inode.items()) {
      items++;
      if (item.fileBlock < end) broken.push(`block ${item.fileBlock} of ${inode.path} has two items`);
      end = item.fileBlock + item.count;
      if (!item.extent.refs.has(item))
        broken.push(`${inode.path} refers to extent ${item.extent.start}, which does not know`);
      if (info.extents.at(item.extent.start) !== item.extent) {
        broken.push(`${inode.path} refers to extent ${item.extent.start}, which is gone`);
      }
    }
  }
  let references = 0;
  for (const extent of info.extents.all()) references += extent.refs.size;
  if (references !== items) broken.push(`${references} back references ≠ ${items} file extent items`);
  return broken;
}

/** free + used + reserved + pinned = length, and the pins of a group are its active swap extents. */
function checkGroups(info: FsInfo): string[] {
  const broken: string[] = [];
  for (const group of info.volumes.groups()) {
    const used = info.extents.inGroup(group).reduce((sum, { count }) => sum + count, 0);
    if (used !== group.used)
      broken.push(`block group ${group.start} holds ${used} blocks and counts ${group.used}`);
    const sum = group.free.blocks + group.used + group.reserved + group.pinned;
    if (sum !== group.length) {
      broken.push(
        `block group ${group.start}: ${group.free.blocks} free + ${group.used} used + ${group.reserved} reserved + ${group.pinned} pinned ≠ ${group.length}`,
      );
    }
    const swapExtents = info
      .inodes()
      .filter((inode) => inode.swapActive)
      .flatMap((inode) => inode.items())
      .filter(({ extent }) => group.holds(extent.start)).length;
    if (swapExtents !== group.swapExtents) {
      broken.push(
        `block group ${group.start} has ${swapExtents} active swap extents and counts ${group.swapExtents}`,
      );
    }
  }
  return broken;
}
