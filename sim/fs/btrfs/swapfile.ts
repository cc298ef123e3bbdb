import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import type { BtrfsDevice } from "./device.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { drainWrites, writeDelalloc } from "./mapped-store.ts";
import { isSharedForSwap } from "./nocow.ts";
import { type Decision, decide } from "./rules/index.ts";
import type { SwapExtentState, SwapFileState } from "./rules/swapon.ts";

type Refusal = Extract<SwapActivation, { message: string }>;

/** What an active swap file holds on to (btrfs_swapfile_pin); it grows while the file is activated. */
export interface SwapPins {
  /** One entry an extent. */
  readonly groups: BlockGroup[];
  /** Those that count the extent, which keeps them from becoming read-only (swap_extents). */
  readonly counted: BlockGroup[];
  device: BtrfsDevice | undefined;
  /** What was handed out. */
  readonly extents: SwapExtent[];
}

/**
 * btrfs_swap_activate: proves that the mapping cannot move, pins device, block groups and subvolume, and hands out the
 * extents. The exclusive operation and the locks are given back at the end; protection afterwards is by the pins.
 * Nothing is looked at again later.
 */
export function* swapActivate(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  yield step("btrfs_swap_activate", inode);
  // swapon(2) holds the inode lock from the claim to S_SWAPFILE.
  yield* inode.rwsem.readLock("inode_lock (swapon)");
  const result = yield* activateLocked(info, inode, pages);
  inode.rwsem.readUnlock();
  return result;
}

/** From the flush to the mapping no store may come in between, if the kernel has the lock. */
function* activateLocked(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  if (inode.evicted) return { errno: "ENOENT", message: "the file was removed meanwhile" };
  const locks = info.fixes.mmapLockAtActivation;
  if (locks) yield* inode.mmapLock.lockExclusive("btrfs_inode_lock (swapon)");
  const result = yield* flushAndMap(info, inode, pages);
  if (locks) inode.mmapLock.unlockExclusive();
  if (result.errno !== undefined) return result;
  // swapon(2) itself: S_SWAPFILE is set, and what is dirty is written before the area is used.
  const errno = yield* drainWrites(info, inode);
  if (errno === undefined) return result;
  swapDeactivate(info, inode);
  return { errno, message: "old writes cannot be drained" };
}

function* flushAndMap(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  const flushed = yield* writeDelalloc(info, inode);
  if (flushed !== undefined) return { errno: flushed, message: "dirty pages cannot be written" };
  const file = fileState(inode);
  const refused = decide(info.rules.swapFile, file);
  if (refused) return refuse(info, refused);
  const { running } = info.exclusive;
  if (!info.exclusive.start("swap activate")) {
    return refuse(info, decide(info.rules.swapFile, { ...file, exclusive: running }));
  }
  const result = yield* activateExclusively(info, inode, pages);
  info.exclusive.end();
  return result;
}

/** Under the snapshot lock, if the kernel has it: a snapshot that has passed its own look shares the extents later. */
function* activateExclusively(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  const { snapshotLock } = inode.subvolume;
  if (!info.fixes.snapshotTryLock) return yield* countAndMap(info, inode, pages);
  if (!snapshotLock.tryWriteLock()) {
    return refuse(info, decide(info.rules.swapFile, { ...fileState(inode), snapshotPending: true }));
  }
  const result = yield* countAndMap(info, inode, pages);
  snapshotLock.writeUnlock();
  return result;
}

/** The subvolume counts the file before its extents are looked at: no snapshot begins from here on. */
function* countAndMap(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  const { subvolume } = inode;
  // Look and count are one step: both are under root_item_lock.
  const isDeleted = info.fixes.subvolumeDeleteCheck && subvolume.beingDeleted;
  const dead = decide(info.rules.swapFile, { ...fileState(inode), subvolumeDeleted: isDeleted });
  if (dead) return refuse(info, dead);
  const pins: SwapPins = { groups: [], counted: [], device: undefined, extents: [] };
  if (info.context.faults?.has("unpinnedSwapFile") !== true) {
    subvolume.swapFiles++;
    info.swapPins.set(inode, pins);
  }
  const end = inode.lockEnd;
  yield* inode.lock.lock("lock_extent (swapon)", 0, end);
  const result = yield* mapExtents(info, inode, pages, pins);
  inode.lock.unlock(0, end);
  if (result.errno === undefined) inode.swapActive = true;
  else swapDeactivate(info, inode);
  return result;
}

function fileState(inode: Inode): SwapFileState {
  const { flags, subvolume } = inode;
  return {
    swapFile: inode.isSwapFile,
    compress: flags.compress,
    nocow: flags.nocow,
    nodatasum: flags.nodatasum,
    exclusive: undefined,
    snapshotPending: false,
    subvolumeDeleted: false,
    subvolume: subvolume.id,
  };
}

function* mapExtents(info: FsInfo, inode: Inode, pages: Pages, pins: SwapPins): Actor<SwapActivation> {
  const { extents } = pins;
  const isPinned = info.swapPins.has(inode);
  let first: BtrfsDevice | undefined;
  for (let block = 0; block < inode.size; ) {
    const item = inode.itemAt(block);
    const refused = decide(info.rules.swapExtent, extentState(info, inode, item, first));
    if (refused || !item) return refuse(info, refused);
    const group = info.groupOf(item.extent);
    const place = group.place(logicalOf(item, block), 0);
    first ??= place.stripe.device;
    if (isPinned) {
      if (pins.device === undefined) first.swapFiles++;
      pins.device = first;
      if (info.context.engine.exploring) yield step("btrfs_inc_block_group_swap_extents", group);
      if (!countExtent(info, group, pins)) {
        return refuse(info, decide(info.rules.swapExtent, { ...PLAIN_EXTENT, ...held(group) }));
      }
      pins.groups.push(group);
    }
    const count = Math.min(item.end, pages) - block;
    if (count > 0) extents.push({ slot: block, count, device: place.device, block: place.block });
    block = item.end;
  }
  return { errno: undefined, extents };
}

/** btrfs_inc_block_group_swap_extents: false if the group is read-only already. */
function countExtent({ fixes }: FsInfo, group: BlockGroup, { counted }: SwapPins): boolean {
  if (!fixes.swapExtentCount) return true;
  if (!group.incSwapExtents()) return false;
  counted.push(group);
  return true;
}

function held({ bytenr }: BlockGroup): Partial<SwapExtentState> {
  return { countRefused: true, group: bytenr };
}

function extentState(
  info: FsInfo,
  inode: Inode,
  item: FileExtent | undefined,
  first: BtrfsDevice | undefined,
): SwapExtentState {
  if (!item) return { ...PLAIN_EXTENT, hole: !inode.inline, inline: inode.inline !== undefined };
  const group = info.groupOf(item.extent);
  const { stripe } = group.place(logicalOf(item, item.fileBlock), 0);
  return {
    ...PLAIN_EXTENT,
    compressed: item.extent.compressed !== undefined,
    shared: isSharedForSwap(info, inode, item),
    checksums: item.extent.checksums !== undefined,
    groupReadOnly: group.readOnly,
    singleProfile: group.profile.name === "single",
    firstDevice: first === undefined || stripe.device === first,
    group: group.bytenr,
  };
}

const PLAIN_EXTENT: SwapExtentState = {
  hole: false,
  inline: false,
  compressed: false,
  shared: false,
  checksums: false,
  groupReadOnly: false,
  singleProfile: true,
  firstDevice: true,
  countRefused: false,
  group: 0,
};

function refuse(info: FsInfo, refused: Pick<Decision, "errno" | "message"> | undefined): Refusal {
  const said = refused?.message ?? "already a swap file";
  info.context.log(`BTRFS warning: ${said}`);
  return { errno: refused?.errno ?? "EINVAL", message: said };
}

/** btrfs_pinned_by_swapfile: an active swap file has extents in the group. */
export function isPinnedBySwapFile({ swapPins }: FsInfo, group: BlockGroup): boolean {
  for (const { groups } of swapPins.values()) if (groups.includes(group)) return true;
  return false;
}

/** btrfs_swap_deactivate, and the end of an activation that failed: all pins go. */
export function swapDeactivate(info: FsInfo, inode: Inode): void {
  inode.swapActive = false;
  const pins = info.swapPins.get(inode);
  if (!pins) return;
  for (const group of pins.counted) group.decSwapExtents();
  if (pins.device) pins.device.swapFiles--;
  inode.subvolume.swapFiles--;
  info.swapPins.delete(inode);
}
