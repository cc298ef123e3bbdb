import { Bio } from "../../block/index.ts";
import { type Actor, bytesOf } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { Volume } from "./volume.ts";

/**
 * FITRIM (f2fs_trim_fs): a checkpoint first, so that nothing waits to become free; then free sections are discarded. A
 * section is nobody's while its discard is under way. Gaps in used sections are left out.
 */
export function* trim(volume: Volume): Actor<OperationResult> {
  const { device, segments } = volume;
  if (!device.model.supportsDiscard)
    return { errno: "EOPNOTSUPP", achieved: `${device.name} does not support discard`, skipped: [] };
  yield* writeCheckpoint(volume);
  let trimmed = 0;
  let failed = false;
  for (let section = 0; section < segments.sections; section++) {
    if (!segments.isFree(section)) continue;
    segments.take(section, false);
    const bio = new Bio("discard", segments.startOf(section), BLOCKS_PER_SECTION);
    const status = yield* device.submitAndWait(bio, "f2fs_issue_discard: wait for the discard");
    segments.giveBackIfEmpty(section);
    if (status === "ok") trimmed += BLOCKS_PER_SECTION;
    else failed = true;
  }
  return { errno: failed ? "EIO" : undefined, achieved: `trimmed ${bytesOf(trimmed)} bytes`, skipped: [] };
}
