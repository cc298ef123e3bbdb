import { bytesOf } from "../../engine/index.ts";
import type { DiskLayout, FileLayout, GroupLayout } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";
import { holdersOfExtent } from "./holders.ts";
import type { Inode } from "./inode.ts";
import { isPinnedBySwapFile } from "./swapfile.ts";

/** The chunk tree, and for every file where its extents lie and how many of them it shares. */
export function layout(info: FsInfo): DiskLayout {
  return {
    groups: info.volumes.groups().map((group) => groupLayout(info, group)),
    files: info.inodes().map((inode) => fileLayout(info, inode)),
  };
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

function fileLayout(info: FsInfo, inode: Inode): FileLayout {
  const groups = new Set<number>();
  let shared = 0;
  for (const { extent } of inode.itemsFrom(0)) {
    groups.add(info.groupOf(extent).bytenr);
    for (const holder of holdersOfExtent(info, extent)) {
      if (holder.inode === inode) continue;
      shared++;
      break;
    }
  }
  const { path, size, extentCount: extents } = inode;
  return { path, size, extents, shared, groups: [...groups].sort((a, b) => a - b) };
}
