import type { CommittedInode } from "../vfs/index.ts";
import type { Extent } from "./extents.ts";
import type { Ext4File } from "./file.ts";
import type { Volume } from "./volume.ts";

/** A file as a commit of the journal leaves it. */
interface CommittedFile extends CommittedInode {
  readonly extents: readonly Extent[];
  /** `ExtentMap.changes` of that moment. */
  readonly changes: number;
}

/** What the last finished commit leads to; files without a name (donors, orphans) are not among them. */
export type CommittedState = ReadonlyMap<Ext4File, CommittedFile>;

/** The state that a commit which begins now will lead to. What did not change since the last one is not copied again. */
export function captureCommit(volume: Volume): CommittedState {
  return new Map(
    volume.namespace.files().map((file) => {
      const { extents } = file;
      const before = volume.committed.get(file);
      const isSame = before?.changes === extents.changes;
      return [
        file,
        {
          ...file.capture(),
          extents: isSame ? before.extents : [...extents],
          changes: extents.changes,
        },
      ];
    }),
  );
}

/**
 * The first mount after a power loss: the journal is replayed, so everything is as the last commit left it. Blocks hold
 * whatever the device kept of the writes in place (data=ordered: a block that a commit calls written was written before).
 */
export function recover(volume: Volume): void {
  const lost = new Set(volume.namespace.files());
  volume.restore(volume.committed);
  for (const file of volume.committed.keys()) {
    lost.delete(file);
    tellContents(volume, file);
  }
  for (const { owner, size } of lost) volume.context.observer.removed(owner, 0, size);
}

function tellContents({ device, context: { observer } }: Volume, { owner, extents }: Ext4File): void {
  observer.removed(owner, 0, 2 ** 30);
  for (const { first, count, block, written } of extents) {
    if (!written) continue;
    for (let offset = 0; offset < count; offset++) {
      observer.wrote(owner, first + offset, 1, device.contents.generationAt(block + offset));
    }
  }
}

/** Puts a file back to what a commit knew of it. */
export function restoreFile(file: Ext4File, committed: CommittedFile): void {
  file.restore(committed);
  file.extents.reset(committed.extents);
}
