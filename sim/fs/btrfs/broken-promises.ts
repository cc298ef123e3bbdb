import type { BrokenPromise } from "../filesystem.ts";
import { placeOfBlock } from "./file-read.ts";
import type { FsInfo } from "./fs-info.ts";

/** What the filesystem's own books show of the promises that activation made. */
export function brokenPromises(info: FsInfo): readonly BrokenPromise[] {
  return [...movedSlots(info), ...staleMarks(info)];
}

/** A slot that was handed out does not lie any more where swap writes it. One per file is told. */
function* movedSlots(info: FsInfo): Iterable<BrokenPromise> {
  for (const [inode, { extents }] of info.swapPins) {
    const moved = extents
      .flatMap(({ slot, fileBlock = slot, count, device, block }) =>
        Array.from({ length: count }, (_, at) => ({ slot: fileBlock + at, device, block: block + at })),
      )
      .find(({ slot, device, block }) => {
        const place = placeOfBlock(info, inode, slot);
        return place?.device !== device || place.block !== block;
      });
    if (!moved) continue;
    const what = `block ${moved.slot} of the active swap file ${inode.path} is not where swap writes it`;
    yield { invariant: "I2", what };
  }
}

/** Who is marked as being deleted, and takes no swap file, is gone; or somebody holds the lock under which it goes. */
function* staleMarks({ subvolumes, subvolSem }: FsInfo): Iterable<BrokenPromise> {
  if (subvolSem.holders().length > 0) return;
  for (const { path, beingDeleted, dead } of subvolumes) {
    if (!beingDeleted || dead) continue;
    yield { invariant: "I6", what: `subvolume ${path} is marked as being deleted, and nobody deletes it` };
  }
}
