import type { Actor, RegistryEntry } from "../../../engine/index.ts";
import type { FsContext } from "../../filesystem.ts";

/**
 * What another copy-on-write filesystem puts around the data of a page-out that goes through it. btrfs stands for their
 * trees and their space; this is the part whose dead-locks are theirs alone.
 */
export interface WritePath {
  /** Carries one page-out; `write` is the write of its data. */
  carry<Result>(write: Actor<Result>): Actor<Result>;
  /** A number for what it keeps besides where its threads stand. */
  digest(): number;
}

/** A filesystem whose write path page-outs can take: one file and one line in the registry. */
export interface WritePathKind extends RegistryEntry {
  /** Starts its threads, `workers` beside the rescuer. `room`: journal entries, or pages of a transaction group. */
  open(context: FsContext, workers: number, room: number): WritePath;
}
