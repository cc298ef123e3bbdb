import { Bio } from "../../block/index.ts";
import { type Actor, type BlockNumber, bytesOf } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { type BlockRun, endOf } from "../free-space.ts";
import type { Volume } from "./volume.ts";

/**
 * FITRIM (ext4_trim_fs): discards free blocks group by group. A run is taken out of the bitmap while its discard is
 * under way, so that nobody gets blocks which are about to be forgotten. Blocks that wait for a commit are not free.
 */
export function* trimFreeSpace(volume: Volume): Actor<OperationResult> {
  const { device, free } = volume;
  if (!device.model.supportsDiscard) {
    return { errno: "EOPNOTSUPP", achieved: `${device.name} does not support discard`, skipped: [] };
  }
  let trimmed = 0;
  let failed = false;
  for (let run = freeRunFrom(volume, 0); run; run = freeRunFrom(volume, endOf(run))) {
    free.take(run.block, run.count);
    volume.trimming.add(run);
    const status = yield* device.submitAndWait(
      new Bio("discard", run.block, run.count),
      "ext4_trim_extent: wait for the discard",
    );
    volume.trimming.delete(run);
    free.give(run.block, run.count);
    if (status === "ok") trimmed += run.count;
    else failed = true;
  }
  const achieved = `trimmed ${bytesOf(trimmed)} bytes`;
  return { errno: failed ? "EIO" : undefined, achieved, skipped: [] };
}

/** The next free run at or after `from`, cut where its group ends. */
function freeRunFrom(volume: Volume, from: BlockNumber): BlockRun | undefined {
  const { groupPages } = volume.layout;
  for (const { block, count } of volume.free.runsFrom(from)) {
    const groupEnd = (Math.floor(block / groupPages) + 1) * groupPages;
    return { block, count: Math.min(count, groupEnd - block) };
  }
  return undefined;
}
