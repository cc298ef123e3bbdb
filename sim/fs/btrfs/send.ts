import { type Actor, bytesOf, KIB, type Pages, pagesOf, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { readFile } from "./file-read.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import type { Subvolume } from "./subvolume.ts";

/** Data of one write command of a stream (BTRFS_SEND_READ_SIZE, version 1 of the stream). */
const READ_PAGES: Pages = pagesOf(48 * KIB);

/**
 * btrfs_ioctl_send, whole: reads every file of a read-only subvolume through the page cache, in the order of inode numbers.
 * The subvolume can neither be deleted nor made writable meanwhile. In 3.18 the task has a mark where others have their
 * transaction handle, so that reclaim in it must start none (D9).
 */
export function* send(info: FsInfo, path: string, operation: string): Actor<OperationResult> {
  yield step("btrfs_ioctl_send", info);
  const subvolume = info.subvolumeAt(path);
  if (!subvolume) return failed("ENOENT", `there is no subvolume ${path}`);
  const refused = yield* refusalOf(info, "send", { subvolume, operation, readsOnly: true });
  if (refused) return refused;
  subvolume.sends++;
  // ensure_commit_roots_uptodate: the stream is made from what is on disk, which has the tree unless it has just changed.
  if (subvolume.tree.root.generation === info.transactions.generation) yield* info.transactions.commit();
  const { journal } = info.series;
  if (info.rules.sendMarksJournalInfo) journal.mark(info);
  const blocks = yield* sendSubvolume(info, subvolume);
  journal.unmark(info);
  subvolume.sends--;
  if (blocks === undefined) return failed("EIO", "a file could not be read");
  return done(`sent ${bytesOf(blocks) / KIB} KiB`);
}

/** send_subvol: blocks that were read; undefined if one could not be. */
function* sendSubvolume(info: FsInfo, subvolume: Subvolume): Actor<Pages | undefined> {
  let blocks = 0;
  const inodes = [...subvolume.inodes.values()].sort((a, b) => a.ino - b.ino);
  for (const inode of inodes) {
    for (let first = 0; first < inode.size; first += READ_PAGES) {
      const count = Math.min(READ_PAGES, inode.size - first);
      if ((yield* readFile(info, inode, first, count)) !== undefined) return undefined;
      blocks += count;
    }
  }
  return blocks;
}
