import { type Actor, type Duration, MICROSECOND, MILLISECOND, type Pages, step } from "../../engine/index.ts";
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
  readonly groups: Set<BlockGroup>;
  /** With the number of extents that each counts, which keeps it from becoming read-only (bg_extent_count). */
  readonly counted: Map<BlockGroup, number>;
  device: BtrfsDevice | undefined;
  /** What was handed out. */
  readonly extents: SwapExtent[];
}

/** One extent of the loop: item, extent item, checksums and chunk are looked up in trees that lie in memory; an estimate. */
const EXTENT_CPU: Duration = 5 * MICROSECOND;
/** CPU time is paid in pieces of this, as programs do: a file of few extents takes none. */
const CPU_PIECE: Duration = MILLISECOND;

/**
 * btrfs_swap_activate: proves that the mapping cannot move, pins device, block groups and subvolume, and hands out the
 * extents. The exclusive operation and the locks are given back at the end; protection afterwards is by the pins.
 * Nothing is looked at again later.
 */
export function* swapActivate(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  yield step("btrfs_swap_activate", inode);
  if (!info.context.faults?.has("noDeferredFlush")) yield* info.inactivation.flush();
  // The cleaner drops a deleted subvolume without asking for the locks of its inodes.
  if (inode.evicted) return { errno: "ENOENT", message: "the file was removed meanwhile" };
  const result = yield* flushUndisturbed(info, inode, pages);
  if (result.errno !== undefined) return result;
  // swapon(2) itself: from S_SWAPFILE on no page gets dirty, and what is dirty is written before the area is used.
  inode.isSwapFile = true;
  const errno = yield* drainWrites(info, inode);
  if (errno === undefined) return result;
  swapDeactivate(info, inode);
  return { errno, message: "old writes cannot be drained" };
}

/** From the flush to the mapping no store may come in between, if the kernel has the lock. */
function* flushUndisturbed(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  const locks = info.fixes.mmapLockAtActivation;
  if (locks) yield* inode.mmapLock.lockExclusive("btrfs_inode_lock (swapon)");
  const result = yield* flushAndMap(info, inode, pages);
  if (locks) inode.mmapLock.unlockExclusive();
  return result;
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
  const pins: SwapPins = { groups: new Set(), counted: new Map(), device: undefined, extents: [] };
  if (info.context.faults?.has("unpinnedSwapFile") !== true) {
    subvolume.swapFiles++;
    info.swapPins.set(inode, pins);
  }
  const result = yield* lockAndMap(info, inode, pages, pins);
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

function* lockAndMap(info: FsInfo, inode: Inode, pages: Pages, pins: SwapPins): Actor<SwapActivation> {
  const end = inode.lockEnd;
  yield* inode.lock.lock("lock_extent (swapon)", 0, end);
  const result = yield* mapExtents(info, inode, pages, pins);
  inode.lock.unlock(0, end);
  return result;
}

/** The loop over all extents of the file. What it has pinned when it fails is in `pins`. */
function* mapExtents(info: FsInfo, inode: Inode, pages: Pages, pins: SwapPins): Actor<SwapActivation> {
  const { extents } = pins;
  const isPinned = info.swapPins.has(inode);
  let first: BtrfsDevice | undefined;
  let unpaid: Duration = 0;
  for (let block = 0; block < inode.size; ) {
    const item = inode.itemAt(block);
    const refused = decide(info.rules.swapExtent, extentState(info, inode, item, first));
    if (refused || !item) return refuse(info, refused);
    const group = info.groupOf(item.extent);
    const place = group.place(logicalOf(item, block), 0);
    first ??= place.stripe.device;
    if (isPinned) {
      if (!pinDevice(info, pins, first)) return OUT_OF_MEMORY;
      if (info.context.engine.exploring) yield step("btrfs_inc_block_group_swap_extents", group);
      const unpinned = pinGroup(info, pins, group);
      if (unpinned) return unpinned;
    }
    const count = Math.min(item.end, pages) - block;
    if (count > 0) extents.push({ slot: block, count, device: place.device, block: place.block });
    block = item.end;
    unpaid += EXTENT_CPU;
    if (unpaid < CPU_PIECE) continue;
    yield* info.context.processors.run("btrfs_swap_activate", unpaid);
    unpaid = 0;
    if (isInterrupted(info)) return { errno: "EINTR", message: "interrupted" };
  }
  return { errno: undefined, extents };
}

const OUT_OF_MEMORY: Refusal = { errno: "ENOMEM", message: "out of memory" };

/** fatal_signal_pending, which the loop looks for since 6.13. */
function isInterrupted({ context, rules }: FsInfo): boolean {
  const looks = rules.activationLooksForSignals || context.faults?.has("activateKillable");
  return looks === true && context.engine.current.signalledAt !== undefined;
}

/** btrfs_add_swapfile_pin for the device; false if there is no memory for it. */
function pinDevice({ context }: FsInfo, pins: SwapPins, device: BtrfsDevice): boolean {
  if (pins.device) return true;
  if (context.failslab?.fails()) return false;
  pins.device = device;
  device.swapFiles++;
  return true;
}

/**
 * btrfs_inc_block_group_swap_extents, which a read-only group refuses, and btrfs_add_swapfile_pin for the group. The
 * count goes up before the pin is allocated.
 */
function pinGroup(info: FsInfo, pins: SwapPins, group: BlockGroup): Refusal | undefined {
  const { context, fixes, rules } = info;
  const counts = fixes.swapExtentCount;
  if (counts && !group.incSwapExtents()) {
    const state = { ...PLAIN_EXTENT, countRefused: true, group: group.bytenr };
    return refuse(info, decide(rules.swapExtent, state));
  }
  if (!pins.groups.has(group) && context.failslab?.fails()) {
    // Mainline gives the group back and leaves its count as it is (KB-33).
    if (counts && context.faults?.has("undoBlockGroupCount")) group.decSwapExtents();
    return OUT_OF_MEMORY;
  }
  pins.groups.add(group);
  if (counts) pins.counted.set(group, (pins.counted.get(group) ?? 0) + 1);
  return undefined;
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
  for (const { groups } of swapPins.values()) if (groups.has(group)) return true;
  return false;
}

/** btrfs_swap_deactivate, and the end of an activation that failed: all pins go. */
export function swapDeactivate(info: FsInfo, inode: Inode): void {
  inode.swapActive = false;
  inode.isSwapFile = false;
  const pins = info.swapPins.get(inode);
  if (!pins) return;
  for (const [group, extents] of pins.counted) group.decSwapExtents(extents);
  if (pins.device) pins.device.swapFiles--;
  inode.subvolume.swapFiles--;
  info.swapPins.delete(inode);
}
