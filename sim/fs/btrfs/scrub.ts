import { Bio, type Payload } from "../../block/index.ts";
import { type Actor, type BlockNumber, bytesOf, MIB, type Pages, step } from "../../engine/index.ts";
import type { OperationResult, Skipped } from "../administration.ts";
import type { BlockGroup, Stripe } from "./block-group.ts";
import type { BtrfsDevice } from "./device.ts";
import type { Extent } from "./extent-tree.ts";
import { findGoodCopy, readMirror, repairIoFailure } from "./file-read.ts";
import type { FsInfo } from "./fs-info.ts";
import { BIO_BLOCKS } from "./map-bio.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import { tellSkipped } from "./relocation.ts";

interface Tally {
  blocks: Pages;
  corrected: number;
  uncorrectable: number;
  readonly skipped: Skipped[];
}

/**
 * btrfs_scrub_dev for every device: reads all copies of everything that is allocated, verifies the checksums of data and
 * tree blocks, and repairs from another copy. A block group with an active swap file is left out whole.
 */
export function* scrub(info: FsInfo, operation: string): Actor<OperationResult> {
  yield step("btrfs_scrub_dev", info);
  const refused = yield* refusalOf(info, "scrub", { operation });
  if (refused) return refused;
  info.scrubRuns = true;
  const tally: Tally = { blocks: 0, corrected: 0, uncorrectable: 0, skipped: [] };
  for (const device of info.volumes.writable) {
    info.context.log(`BTRFS info: scrub: started on devid ${device.id}`);
    yield* scrubDevice(info, device, tally, operation);
    info.context.log(`BTRFS info: scrub: finished on devid ${device.id} with status: 0`);
  }
  info.scrubRuns = false;
  const { blocks, corrected, uncorrectable, skipped } = tally;
  const achieved = `scrubbed ${Math.round(bytesOf(blocks) / MIB)} MiB, ${corrected} errors corrected, ${uncorrectable} not`;
  return uncorrectable > 0 ? failed("EIO", achieved, skipped) : done(achieved, skipped);
}

/** scrub_enumerate_chunks. */
function* scrubDevice(info: FsInfo, device: BtrfsDevice, tally: Tally, operation: string): Actor {
  for (const { stripe, group } of [...device.extents.valuesFrom(0)]) {
    if (group.removed) continue;
    if (info.context.engine.exploring) yield step(`btrfs_inc_block_group_ro (${group.type})`, group);
    if (!group.markReadOnly()) {
      const decision = info.rules.ask("scrub block group", { swapGroup: true, group: group.bytenr });
      if (decision?.message !== undefined) info.context.log(`BTRFS warning: ${decision.message}`);
      tally.skipped.push({ what: `block group ${group.bytenr}`, reason: "active swapfile" });
      tellSkipped(info, group, operation);
      continue;
    }
    while (!group.isQuiet) yield group.drained.wait("btrfs_wait_nocow_writers");
    for (const extent of info.extents.inGroup(group)) {
      // Balance may have moved it, and overwriting may have freed it, while we read others.
      if (group.holds(extent.start) && info.extents.at(extent.start) === extent)
        yield* scrubExtent(info, { stripe, group }, extent, tally);
    }
    group.unmarkReadOnly();
  }
}

/** Every block of an extent that lies on this stripe. */
function* scrubExtent(
  info: FsInfo,
  { stripe, group }: { readonly stripe: Stripe; readonly group: BlockGroup },
  extent: Extent,
  tally: Tally,
): Actor {
  const { start, end, node } = extent;
  // Scrub and commit take turns (scrub_pause_on): a tree block on its way to the disk is read once it is there.
  if (node && info.transactions.isInFlight(node)) {
    yield* info.transactions.waitForCommit();
    // The commit was aborted.
    if (info.transactions.isInFlight(node)) return;
  }
  for (let logical = start; logical < end; ) {
    const count = Math.min(BIO_BLOCKS, group.contiguous(logical, end - logical));
    const mirror = group
      .placesOf(logical)
      .findIndex((_, copy) => group.place(logical, copy).stripe === stripe);
    if (mirror >= 0) {
      const { device, block } = group.place(logical, mirror);
      const bio = Bio.read(block, count);
      yield* device.submitAndWait(bio, "scrub_read_endio");
      tally.blocks += count;
      if (extent.start !== start) return;
      yield* verify(info, { extent, group, mirror }, logical, bio, tally);
    }
    logical += count;
  }
}

/** One copy of an extent. */
interface Copy {
  readonly extent: Extent;
  readonly group: BlockGroup;
  readonly mirror: number;
}

function* verify(info: FsInfo, copy: Copy, logical: BlockNumber, bio: Bio, tally: Tally): Actor {
  const { extent } = copy;
  for (let offset = 0; offset < bio.count; offset++) {
    const at = logical + offset;
    const found = bio.status === "ok" ? generationAt(bio, offset) : yield* recheckBlock(copy, at);
    const expected = extent.checksumAt(at);
    if (found !== undefined && (expected === undefined || found === expected)) continue;
    // The extent may have been freed or moved while we read.
    if (info.extents.at(at) !== extent || extent.start > logical) return;
    if (yield* handleErroredBlock(info, extent, at)) tally.corrected++;
    else tally.uncorrectable++;
  }
}

/** scrub_recheck_block: one block of a bio that failed, on its own; undefined if it cannot be read. */
function* recheckBlock({ group, mirror }: Copy, logical: BlockNumber): Actor<number | undefined> {
  return (yield* readMirror(group, logical, mirror))?.generation;
}

/** scrub_handle_errored_block: true if another copy was right and has taken the place of this one. */
function* handleErroredBlock(info: FsInfo, extent: Extent, logical: BlockNumber): Actor<boolean> {
  const content = yield* findGoodCopy(info, extent, logical);
  return content !== undefined && (yield* repairIoFailure(info, logical, content)) === undefined;
}

function generationAt(bio: Bio, offset: number): number {
  const payload: Payload | undefined = bio.payload;
  return payload ? payload.generation[offset]! : bio.generation + offset;
}
