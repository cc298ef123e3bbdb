import type { FsContext } from "../../filesystem.ts";
import { IndexUpdates } from "./index-updates.ts";
import { TransactionGroups } from "./transaction-groups.ts";
import type { WritePath } from "./write-path.ts";

export type { WritePath } from "./write-path.ts";

/** Whose write path a page-out through the filesystem takes. */
export const WRITE_PATHS = ["btrfs", "bcachefs", "zfs"] as const;

export interface WritePathOptions {
  readonly path: (typeof WRITE_PATHS)[number];
  /** Threads beside the rescuer. */
  readonly workers: number;
  /** Journal entries, or pages of a transaction group. */
  readonly room: number;
}

/** Starts the threads of a write path; undefined for btrfs, whose own is elsewhere. */
export function openWritePath(
  context: FsContext,
  { path, workers, room }: WritePathOptions,
): WritePath | undefined {
  switch (path) {
    case "bcachefs":
      return new IndexUpdates(context, workers, room);
    case "zfs":
      return new TransactionGroups(context, workers, room);
    default:
      return undefined;
  }
}
