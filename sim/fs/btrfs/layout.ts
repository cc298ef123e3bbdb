import { bytesOf } from "../../engine/index.ts";
import type { DiskLayout, FileLayout, GroupLayout } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import type { Extent } from "./extent-tree.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { isPinnedBySwapFile } from "./swapfile.ts";

/** The chunk tree, and for every file where its extents lie and how many of them it shares. */
export function layout(info: FsInfo): DiskLayout {
  const inodes = info.inodes();
  const shared = sharedExtents(inodes);
  return {
    groups: info.volumes.groups().map((group) => groupLayout(info, group)),
    files: inodes.map((inode) => fileLayout(info, inode, shared)),
  };
}

/** Extents that more than one file refers to, in one walk over all items: an aged file has thousands of one extent. */
function sharedExtents(inodes: readonly Inode[]): ReadonlySet<Extent> {
  const firstHolders = new Map<Extent, Inode>();
  const shared = new Set<Extent>();
  for (const inode of inodes) {
    for (const { extent } of inode.itemsFrom(0)) {
      const first = firstHolders.get(extent);
      if (!first) firstHolders.set(extent, inode);
      else if (first !== inode) shared.add(extent);
    }
  }
  return shared;
}

function groupLayout(info: FsInfo, group: BlockGroup): GroupLayout {
  return {
    start: group.bytenr,
    length: bytesOf(group.length),
    used: bytesOf(group.used),
    profile: group.flags,
    devices: [...new Set(group.stripes.map(({ device }) => device.device.name))],
    pinned: isPinnedBySwapFile(info, group),
  };
}

function fileLayout(info: FsInfo, inode: Inode, sharedOnes: ReadonlySet<Extent>): FileLayout {
  const groups = new Set<number>();
  let shared = 0;
  for (const { extent } of inode.itemsFrom(0)) {
    groups.add(info.groupOf(extent).bytenr);
    if (sharedOnes.has(extent)) shared++;
  }
  const { path, size, extentCount: extents } = inode;
  return { path, size, extents, shared, groups: [...groups].sort((a, b) => a - b) };
}
