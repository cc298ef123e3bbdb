import type { BlockContent } from "../block/index.ts";
import type { Actor, Duration } from "../engine/index.ts";
import type { Errno } from "./errno.ts";
import type { DeviceBlock, FileHandle } from "./file-handle.ts";

/** The patches of v2 of the 2014 series, by number; one that is missing was left out. */
export type PatchNumber = 1 | 2 | 3 | 4 | 5;

/** What of the series a swap file is used with. */
export interface SeriesOptions {
  /** v3 also refuses shared extents, and snapshot, defrag, clone and dedupe while the file is active. */
  readonly version: "v1" | "v2" | "v3";
  readonly patches: ReadonlySet<PatchNumber>;
  /**
   * Time that a swap-out loses between the test whether its block group is read-only and its write. Nobody has measured
   * that window, so it is a parameter.
   */
  readonly stall: Duration;
}

export type SeriesActivation =
  | { readonly errno: Errno; readonly message: string }
  | { readonly errno: undefined };

/** A read that direct I/O or readpage has served. */
export interface SeriesRead {
  readonly content: BlockContent;
  readonly place: DeviceBlock | undefined;
}

/**
 * The filesystem under a swap file as the 2014 series called it on Linux 3.18. Every I/O maps afresh; S_SWAPFILE is all
 * that protects the file.
 */
export interface Series2014 {
  /** What a direct read does to its pages without patch 1 or 2: lock them and mark them dirty, or only mark them. */
  readonly dirtiesPages: "locking" | "marking";
  /** Without patch 3 a swap cache page goes to readpage: one that cannot cope with it makes the kernel oops. */
  readonly readpageTakesSwapCache: boolean;
  /** Takes i_mutex, which swapon keeps until `enabled`. */
  swapActivate(file: FileHandle, options: SeriesOptions): Actor<SeriesActivation>;
  /** The area is in use: the inode becomes a swap file and i_mutex is released. */
  enabled(file: FileHandle): Actor;
  swapDeactivate(file: FileHandle): void;
  /** direct_IO(WRITE) of one page: an errno, or "short" if it wrote nothing. */
  directWrite(file: FileHandle, block: number, content: BlockContent): Actor<Errno | "short" | undefined>;
  directRead(file: FileHandle, block: number): Actor<Errno | "short" | SeriesRead>;
  /** readpage: maps and submits; `end` is called when the read has ended. */
  readpage(file: FileHandle, block: number, end: (found: Errno | SeriesRead) => void): Actor;
}
