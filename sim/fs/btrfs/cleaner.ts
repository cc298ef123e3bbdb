import { type Actor, type Bytes, type Duration, KIB, SECOND, sleep } from "../../engine/index.ts";
import type { BlockGroup } from "./block-group.ts";
import { defragment } from "./defrag.ts";
import { cleanOneDeletedSnapshot } from "./drop-snapshot.ts";
import type { FsInfo } from "./fs-info.ts";
import { relocateBlockGroup } from "./relocation.ts";
import { isPinnedBySwapFile } from "./swapfile.ts";
import { trimGroup } from "./trim.ts";

/** cleaner_kthread: after each commit of the transaction thread drops deleted subvolumes and removes empty block groups. */
export function* cleaner(info: FsInfo): Actor {
  for (;;) {
    yield info.cleanerWork.wait("btrfs-cleaner");
    yield* info.startWrite();
    if (info.readOnly) continue;
    while (yield* cleanOneDeletedSnapshot(info));
    yield* runDefragInodes(info);
    yield* reclaimGroups(info);
    yield* info.startWrite();
    deleteUnusedGroups(info);
  }
}

/** Threshold of the kernel when nobody gives one (btrfs_defrag_file): 256 KiB. */
const AUTODEFRAG_THRESHOLD: Bytes = 256 * KIB;

/** btrfs_run_defrag_inodes: what small writes have cut up since the file was queued. */
function* runDefragInodes(info: FsInfo): Actor {
  for (const [inode, newerThan] of [...info.defragInodes]) {
    info.defragInodes.delete(inode);
    if (inode.isGone) continue;
    yield* defragment(info, inode, { threshold: AUTODEFRAG_THRESHOLD, newerThan }, "autodefrag");
  }
}

/**
 * btrfs_delete_unused_bgs: empty groups go, except the last one of their type and profile, and one that is read-only.
 */
export function deleteUnusedGroups(info: FsInfo): void {
  for (const group of [...info.unusedGroups]) {
    info.unusedGroups.delete(group);
    // Mixed groups never go by themselves.
    if (group.removed || group.readOnly || !group.isEmpty || group.type === "mixed") continue;
    const siblings = info.volumes.groupsOf(group.type).filter(({ profile }) => profile === group.profile);
    if (siblings.length > 1) info.volumes.removeChunk(group);
  }
}

/**
 * btrfs_reclaim_bgs_work: relocates groups whose usage fell below the threshold, the emptiest first. It needs the slot
 * of balance, and leaves a group with an active swap file on its list without a word.
 */
function* reclaimGroups(info: FsInfo): Actor {
  if (info.reclaimGroups.size === 0 || !info.exclusive.start("balance")) return;
  const groups = [...info.reclaimGroups].toSorted((a, b) => a.used - b.used || a.start - b.start);
  for (const group of groups) {
    if (group.removed || group.used === 0) {
      info.reclaimGroups.delete(group);
      continue;
    }
    const swapGroup = isPinnedBySwapFile(info, group);
    if (info.rules.ask("reclaim block group", { swapGroup }) || group.reserved > 0 || group.pinned > 0)
      continue;
    info.reclaimGroups.delete(group);
    info.context.log(`BTRFS info: reclaiming chunk ${group.bytenr} with ${usageOf(group)}% used`);
    yield* relocateBlockGroup(info, group, "reclaim");
  }
  info.exclusive.end();
}

function usageOf({ used, length }: BlockGroup): number {
  return Math.floor((used * 100) / length);
}

/** Time after which the freed space of a group is discarded, and sooner if nothing else is in it (discard.c, 6.1). */
const DISCARD_DELAY: Duration = 120 * SECOND;
const DISCARD_UNUSED_DELAY: Duration = 10 * SECOND;

/** btrfs_discard_workfn of background discard. */
export function* discardWorker(info: FsInfo): Actor {
  for (;;) {
    yield sleep("btrfs-discard", 10 * SECOND);
    const now = info.context.engine.now;
    for (const [group, since] of [...info.discardable]) {
      const wait = group.used === 0 ? DISCARD_UNUSED_DELAY : DISCARD_DELAY;
      if (group.removed) info.discardable.delete(group);
      if (group.removed || now - since < wait) continue;
      info.discardable.delete(group);
      yield* trimGroup(info, group);
    }
  }
}
