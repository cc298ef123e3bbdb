import type { Actor } from "../../../engine/index.ts";

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
