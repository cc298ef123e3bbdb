import type { BlockDevice } from "../../block/index.ts";
import { type Actor, type Pages, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { SwapActivation, SwapExtent } from "../filesystem.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";
import { type FileExtent, type Inode, logicalOf } from "./inode.ts";
import { canNocow, isShared } from "./nocow.ts";

type Refusal = { readonly errno: Errno; readonly message: string };

/** A test of the whole file; the first that fails decides. */
type FileTest = (info: FsInfo, inode: Inode) => Refusal | undefined;

/** btrfs_swap_activate, 6.1: the tests of the file and its surroundings, in order. */
const FILE_TESTS: readonly FileTest[] = [
  (_info, inode) => (inode.swapActive ? { errno: "EBUSY", message: "already a swap file" } : undefined),
  (_info, inode) => (inode.nocow ? undefined : invalid("swapfile must not be copy-on-write")),
  (info) =>
    info.startExclusive("swap activate")
      ? undefined
      : { errno: "EBUSY", message: "cannot activate swapfile while exclusive operation is running" },
];

/** The tests after the exclusive operation has been taken. */
const SUBVOLUME_TESTS: readonly FileTest[] = [
  (_info, { subvolume }) =>
    subvolume.snapshotting
      ? invalid("cannot activate swapfile because snapshot creation is in progress")
      : undefined,
];

/** The tests of each extent, in order. */
const EXTENT_TESTS: readonly ((info: FsInfo, item: FileExtent) => Refusal | undefined)[] = [
  // A read-only group looks like sharing here: the in-place test asks for it first (a known oddity of 6.1).
  (info, item) =>
    isShared(item) || !canNocow(info, item, true) ? invalid("swapfile must not be copy-on-write") : undefined,
  (info, item) =>
    info.groupOf(item.extent).profile.name === "single"
      ? undefined
      : invalid("swapfile must have single data profile"),
];

function invalid(message: string): Refusal {
  return { errno: "EINVAL", message };
}

/**
 * btrfs_swap_activate: proves that the mapping cannot move, pins block groups and subvolume, and hands out the extents.
 * The exclusive operation is given back at the end; protection afterwards is by the pins.
 */
export function* swapActivate(info: FsInfo, inode: Inode, pages: Pages): Actor<SwapActivation> {
  yield step("btrfs_swap_activate", inode);
  for (const test of FILE_TESTS) {
    const refusal = test(info, inode);
    if (refusal) return refused(info, refusal);
  }
  const result = mapAndPin(info, inode, pages);
  info.endExclusive();
  return result.errno === undefined ? result : refused(info, result);
}

function mapAndPin(info: FsInfo, inode: Inode, pages: Pages): SwapActivation {
  for (const test of SUBVOLUME_TESTS) {
    const refusal = test(info, inode);
    if (refusal) return refusal;
  }
  const extents: SwapExtent[] = [];
  const groups: BlockGroup[] = [];
  let device: BlockDevice | undefined;
  for (let block = 0; block < inode.size; ) {
    const item = inode.itemAt(block);
    if (!item) return invalid("swapfile must not have holes");
    for (const test of EXTENT_TESTS) {
      const refusal = test(info, item);
      if (refusal) return refusal;
    }
    const group = info.groupOf(item.extent);
    const place = group.firstPlaceOf(logicalOf(item, block));
    if (device && place.device !== device) return invalid("swapfile must be on one device");
    device = place.device;
    groups.push(group);
    const count = Math.min(item.fileBlock + item.count, pages) - block;
    if (count > 0) extents.push({ slot: block, count, device, block: place.block });
    block = item.fileBlock + item.count;
  }
  for (const group of groups) group.swapExtents++;
  inode.subvolume.swapFiles++;
  inode.swapActive = true;
  return { errno: undefined, extents };
}

function refused(info: FsInfo, refusal: Refusal): Refusal {
  info.context.log(`BTRFS warning: ${refusal.message}`);
  return refusal;
}

/** btrfs_swap_deactivate: all pins go. */
export function swapDeactivate(info: FsInfo, inode: Inode): void {
  if (!inode.swapActive) return;
  for (const item of inode.items()) info.groupOf(item.extent).swapExtents--;
  inode.subvolume.swapFiles--;
  inode.swapActive = false;
}
