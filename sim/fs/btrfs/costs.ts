import { type Duration, MICROSECOND, MILLISECOND } from "../../engine/index.ts";

/** CPU time of the filesystem's steps; all of them estimates of the usual order of magnitude. */

/** Submission of one direct I/O: map, lock, bio. */
export const DIRECT_IO_CPU: Duration = 10 * MICROSECOND;
/** Completion of an ordered extent: join the transaction, update items. */
export const ORDERED_CPU: Duration = 20 * MICROSECOND;
/** Running delayed references and preparing the trees in a commit. */
export const COMMIT_CPU: Duration = 2 * MILLISECOND;
/** Looking up and rewriting the pointers of one relocated extent. */
export const RELOCATE_EXTENT_CPU: Duration = 50 * MICROSECOND;
/** One entry of delayed references, run in the commit. */
export const DELAYED_REF_CPU: Duration = 2 * MICROSECOND;
/** Decompressing 4 KiB. */
export const DECOMPRESS_CPU: Duration = 4 * MICROSECOND;
/** One node that the cleaner visits when it drops a deleted subvolume. */
export const DROP_NODE_CPU: Duration = 20 * MICROSECOND;
