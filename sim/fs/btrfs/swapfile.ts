import { type Actor, type Duration, MICROSECOND, MILLISECOND, type Pages, step } from "../../engine/index.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import { moveTogether } from "./defrag.ts";
import type { BtrfsDevice } from "./device.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { isSharedForSwap } from "./nocow.ts";
import { type Decision, decide } from "./rules/index.ts";
import type { SwapExtentState, SwapFileState } from "./rules/swapon.ts";

type Refusal = Extract<SwapActivation, { message: string }>;

/** What an active swap file holds on to (btrfs_swapfile_pin). */
export interface SwapPins {
  /** With the number of its extents in each (bg_extent_count). */
  readonly groups: Map<BlockGroup, number>;
  device: BtrfsDevice | undefined;
}

/** One extent of the loop: item, extent item, checksums and chunk are looked up in trees that lie in memory; an estimate. */
const EXTENT_CPU: Duration = 5 * MICROSECOND;
/** CPU time is paid in pieces of this, as programs do: a file of few extents takes none. */
const CPU_PIECE: Duration = MILLISECOND;

/**
 * btrfs_swap_activate: proves that the mapping cannot move, pins device, block groups and subvolume, and hands out the
 * extents. The exclusive operation is given back at the end; protection afterwards is by the pins. Nothing is looked at
 * again later.
 */
export function* swapActivate(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  yield step("btrfs_swap_activate", inode);
  if (!info.context.faults?.has("noDeferredFlush")) yield* info.inactivation.flush();
  const refused = decide(info.rules.swapFile, fileState(info, inode));
  if (refused) return refuse(info, refused);
  if (!info.exclusive.start("swap activate")) return refuse(info, { errno: "EBUSY", message: undefined });
  inode.subvolume.swapFiles++;
  const pins: SwapPins = { groups: new Map(), device: undefined };
  const result = yield* mapFile(info, inode, pages, pins);
  if (result.errno === undefined) {
    inode.swapActive = true;
    info.swapPins.set(inode, pins);
    if (info.context.faults?.has("unpinnedSwapFile")) dropPins(info, inode, pins);
  } else {
    dropPins(info, inode, pins);
  }
  info.exclusive.end();
  return result;
}

function fileState(info: FsInfo, inode: Inode): SwapFileState {
  const { flags, subvolume } = inode;
  return {
    swapFile: inode.isSwapFile,
    compress: flags.compress,
    nocow: flags.nocow,
    nodatasum: flags.nodatasum,
    exclusive: info.context.faults?.has("ignoreExclusiveOperation") ? undefined : info.exclusive.running,
    snapshotPending: subvolume.snapshotting,
    subvolumeDeleted: subvolume.dead,
    subvolume: subvolume.id,
  };
}

/** The mapping of the file as it is; where the filesystem moves it together first, that of afterwards. */
function* mapFile(info: FsInfo, inode: Inode, pages: Pages, pins: SwapPins): Actor<SwapActivation> {
  const migrates = info.options.foreign.migratesAtSwapon && inode.extentCount > 1;
  if (migrates && info.context.faults?.has("keepOldMapping")) {
    const mapped = yield* mapExtents(info, inode, pages, pins);
    if (mapped.errno === undefined) yield* moveTogether(info, inode, "swapon");
    return mapped;
  }
  const errno = migrates ? yield* moveTogether(info, inode, "swapon") : undefined;
  if (errno !== undefined) return { errno, message: "the file could not be moved together" };
  return yield* mapExtents(info, inode, pages, pins);
}

/** The loop over all extents of the file. What it has pinned when it fails is in `pins`. */
function* mapExtents(info: FsInfo, inode: Inode, pages: Pages, pins: SwapPins): Actor<SwapActivation> {
  const extents: SwapExtent[] = [];
  let unpaid: Duration = 0;
  for (let block = 0; block < inode.size; ) {
    const item = inode.itemAt(block);
    const refused = decide(info.rules.swapExtent, extentState(info, inode, item, pins.device));
    if (refused || !item) return refuse(info, refused ?? { errno: "EINVAL", message: "hole" });
    const group = info.groupOf(item.extent);
    const place = group.place(logicalOf(item, block), 0);
    if (!pinExtent(info, pins, group, place.stripe.device)) return OUT_OF_MEMORY;
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
  group: 0,
};

function refuse(info: FsInfo, { errno, message }: Pick<Decision, "errno" | "message">): Refusal {
  const said = message ?? "already a swap file";
  info.context.log(`BTRFS warning: ${said}`);
  return { errno: errno ?? "EINVAL", message: said };
}

/**
 * btrfs_add_swapfile_pin for the device, btrfs_inc_block_group_swap_extents and a pin for the group; false if there is
 * no memory for a pin. The group's count goes up before its pin is allocated.
 */
function pinExtent({ context }: FsInfo, pins: SwapPins, group: BlockGroup, device: BtrfsDevice): boolean {
  if (!pins.device) {
    if (context.failslab?.fails()) return false;
    pins.device = device;
    device.swapFiles++;
  }
  group.swapExtents++;
  const pinned = pins.groups.get(group) ?? 0;
  if (pinned === 0 && context.failslab?.fails()) {
    // Mainline gives the group back and leaves its count as it is (KB-33).
    if (context.faults?.has("undoBlockGroupCount")) group.swapExtents--;
    return false;
  }
  pins.groups.set(group, pinned + 1);
  return true;
}

function dropPins(info: FsInfo, inode: Inode, { groups, device }: SwapPins): void {
  for (const [group, extents] of groups) group.swapExtents -= extents;
  if (device) device.swapFiles--;
  inode.subvolume.swapFiles--;
  info.swapPins.delete(inode);
}

/** btrfs_swap_deactivate: all pins go. */
export function swapDeactivate(info: FsInfo, inode: Inode): void {
  inode.swapActive = false;
  const pins = info.swapPins.get(inode);
  if (pins) dropPins(info, inode, pins);
}
