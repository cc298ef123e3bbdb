import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import type { BtrfsDevice } from "./device.ts";
import { type FileExtent, logicalOf } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { isSharedForSwap } from "./nocow.ts";
import { type Decision, decide } from "./rules/index.ts";
import type { SwapExtentState, SwapFileState } from "./rules/swapon.ts";

type Refusal = Extract<SwapActivation, { message: string }>;

/** What an active swap file holds on to, one entry an extent (btrfs_swapfile_pin). */
export interface SwapPins {
  readonly groups: readonly BlockGroup[];
  readonly device: BtrfsDevice | undefined;
}

/**
 * btrfs_swap_activate: proves that the mapping cannot move, pins device, block groups and subvolume, and hands out the
 * extents. The exclusive operation is given back at the end; protection afterwards is by the pins. Nothing is looked at
 * again later.
 */
export function* swapActivate(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  yield step("btrfs_swap_activate", inode);
  const refused = decide(info.rules.swapFile, fileState(info, inode));
  if (refused) return refuse(info, refused);
  if (!info.exclusive.start("swap activate")) return refuse(info, { errno: "EBUSY", message: undefined });
  const result = mapExtents(info, inode, pages);
  info.exclusive.end();
  return result;
}

function fileState(info: FsInfo, inode: Inode): SwapFileState {
  const { flags, subvolume } = inode;
  return {
    swapFile: inode.swapFile,
    compress: flags.compress,
    nocow: flags.nocow,
    nodatasum: flags.nodatasum,
    exclusive: info.context.faults?.has("ignoreExclusiveOperation") ? undefined : info.exclusive.running,
    snapshotPending: subvolume.snapshotting,
    subvolumeDeleted: subvolume.dead,
    subvolume: subvolume.id,
  };
}

function mapExtents(info: FsInfo, inode: Inode, pages: Pages): SwapActivation {
  const extents: SwapExtent[] = [];
  const groups: BlockGroup[] = [];
  let device: BtrfsDevice | undefined;
  for (let block = 0; block < inode.size; ) {
    const item = inode.itemAt(block);
    const refused = decide(info.rules.swapExtent, extentState(info, inode, item, device));
    if (refused || !item) return refuse(info, refused ?? { errno: "EINVAL", message: "hole" });
    const group = info.groupOf(item.extent);
    const place = group.place(logicalOf(item, block), 0);
    device = place.stripe.device;
    groups.push(group);
    const count = Math.min(item.end, pages) - block;
    if (count > 0) extents.push({ slot: block, count, device: place.device, block: place.block });
    block = item.end;
  }
  pin(info, inode, { groups, device });
  return { errno: undefined, extents };
}

function extentState(
  info: FsInfo,
  inode: Inode,
  item: FileExtent | undefined,
  first: BtrfsDevice | undefined,
): SwapExtentState {
  if (!item) return { ...PLAIN_EXTENT, hole: true };
  const group = info.groupOf(item.extent);
  const { stripe } = group.place(logicalOf(item, item.fileBlock), 0);
  return {
    ...PLAIN_EXTENT,
    compressed: item.extent.compressed,
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

/** btrfs_add_swapfile_pin, btrfs_inc_block_group_swap_extents, nr_swapfiles. */
function pin(info: FsInfo, inode: Inode, pins: SwapPins): void {
  inode.swapActive = true;
  inode.swapFile = true;
  if (info.context.faults?.has("unpinnedSwapFile")) return;
  for (const group of pins.groups) group.swapExtents++;
  if (pins.device) pins.device.swapFiles++;
  inode.subvolume.swapFiles++;
  info.swapPins.set(inode, pins);
}

/** btrfs_swap_deactivate: all pins go. */
export function swapDeactivate(info: FsInfo, inode: Inode): void {
  inode.swapActive = false;
  inode.swapFile = false;
  const pins = info.swapPins.get(inode);
  if (!pins) return;
  for (const group of pins.groups) group.swapExtents--;
  if (pins.device) pins.device.swapFiles--;
  inode.subvolume.swapFiles--;
  info.swapPins.delete(inode);
}
