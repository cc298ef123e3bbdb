import { hashText, mix } from "../../engine/index.ts";
import type { BalanceControl } from "./balance.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { canNocow, isSharedForSwap } from "./nocow.ts";
import type { Subvolume } from "./subvolume.ts";

/**
 * A number for everything that can decide what the filesystem does next: equal filesystems have equal numbers, however
 * they came to be. Time, statistics and transaction numbers are left out, and so is what metadata looks like on disk.
 */
export function digest(info: FsInfo): number {
  const { exclusive, transactions, balance } = info;
  let hash = mix(hashText(exclusive.running ?? ""), hashText(balance ? askedOf(balance) : ""));
  hash = mix(hash, flags([info.readOnly, info.aborted, info.frozen, info.unmounted]));
  hash = mix(hash, flags([transactions.blocked, transactions.dirty.size > 0]));
  if (info.scrubRuns) hash = mix(hash, hashText("scrub"));
  hash = mix(hash, info.series.digest());
  for (const group of info.volumes.groups()) hash = mix(hash, ofGroup(group));
  for (const subvolume of info.subvolumes) hash = mix(hash, ofSubvolume(info, subvolume));
  return hash;
}

const askedOf = ({ pauseRequested, cancelRequested }: BalanceControl): string =>
  `pause ${pauseRequested} cancel ${cancelRequested}`;

function ofGroup(group: BlockGroup): number {
  const { start, used, reserved, pinned, swapExtents, nocowWriters, readOnly } = group;
  let hash = mix(start, used);
  hash = mix(hash, mix(reserved, pinned));
  return mix(hash, mix(swapExtents * 1024 + nocowWriters, readOnly ? 1 : 0));
}

function ofSubvolume(info: FsInfo, subvolume: Subvolume): number {
  const { path, swapFiles, sends, dedupes, readOnly, snapshotting, beingDeleted, dead, deletionCommitted } =
    subvolume;
  let hash = mix(mix(hashText(path), swapFiles), mix(sends, dedupes));
  hash = mix(hash, flags([readOnly, snapshotting, beingDeleted, dead, deletionCommitted]));
  for (const inode of subvolume.inodes.values()) hash = mix(hash, ofInode(info, inode));
  return hash;
}

function ofInode(info: FsInfo, inode: Inode): number {
  const { swapActive, isSwapFile, nocow, evicted, delalloc } = inode;
  let hash = mix(inode.ino, mix(inode.size, inode.names.size));
  hash = mix(hash, flags([swapActive, isSwapFile, nocow, evicted]));
  for (const block of delalloc) hash = mix(hash, block);
  for (const item of inode.items()) {
    const { extent, offset, prealloc } = item;
    hash = mix(hash, mix(item.fileBlock, item.count));
    hash = mix(hash, mix(extent.start + offset, extent.refs.count));
    hash = mix(hash, flags([prealloc, canNocow(info, inode, item), isSharedForSwap(info, inode, item)]));
  }
  return hash;
}

const flags = (set: readonly boolean[]): number => set.reduce((bits, flag) => bits * 2 + (flag ? 1 : 0), 1);
