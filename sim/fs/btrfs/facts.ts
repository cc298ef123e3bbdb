import { bytesOf } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

/**
 * What somebody may have read and gone by, in words: the state of data block groups, where the data of files lies, who
 * may do what. For showing how it changes from step to step; metadata and reservations are left out.
 */
export function facts(info: FsInfo): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  found.set("exclusive operation", info.exclusive.running ?? "none");
  if (info.readOnly) found.set("filesystem", info.aborted ? "aborted" : "read-only");
  for (const group of [...info.volumes.groupsOf("data"), ...info.volumes.groupsOf("mixed")]) {
    found.set(`block group ${bytesOf(group.start)}`, group.readOnly ? "read-only" : "read-write");
    if (group.swapExtents > 0) found.set(`swap extents in ${bytesOf(group.start)}`, `${group.swapExtents}`);
    if (group.nocowWriters > 0)
      found.set(`writers in place in ${bytesOf(group.start)}`, `${group.nocowWriters}`);
  }
  for (const { path, swapFiles, sends, snapshotting, dead, inodes } of info.subvolumes) {
    const states = [
      dead ? "deleted" : "",
      snapshotting ? "being copied" : "",
      swapFiles > 0 ? "has swap" : "",
      sends > 0 ? "being sent" : "",
    ];
    found.set(`subvolume ${path}`, states.filter((state) => state !== "").join(", ") || "there");
    for (const inode of inodes.values()) if (!dead) found.set(`extents of ${inode.path}`, extentsOf(inode));
  }
  for (const { device, unallocated } of info.volumes.devices) {
    found.set(`unallocated on ${device.name}`, `${bytesOf(unallocated)} bytes`);
  }
  return found;
}

/** Where the data of a file lies, as FIEMAP tells it: logical addresses in bytes. */
function extentsOf(inode: Inode): string {
  const pieces = inode.items().map(({ extent, offset, count, prealloc }) => {
    const from = bytesOf(extent.start + offset);
    const shared = extent.refs.count > 1 ? " shared" : "";
    return `${from}+${bytesOf(count)}${prealloc ? " unwritten" : ""}${shared}`;
  });
  const swap = inode.swapActive ? " (swap, pinned)" : "";
  return `${pieces.join(", ") || "none"}${swap}`;
}
