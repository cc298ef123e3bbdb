import type { BlockDevice, OwnerId } from "../block/index.ts";
import type { BlockNumber, Bytes, Pages } from "../engine/index.ts";

/** A place on a device. */
export interface DeviceBlock {
  readonly device: BlockDevice;
  readonly block: BlockNumber;
}

/** A file as swap, writers and the timeline hold it. `owner` identifies its contents in the block layer and the oracle. */
export interface FileHandle {
  readonly path: string;
  readonly owner: OwnerId;
  readonly size: Pages;
}

/** How a file is made before the machine starts. */
export interface FileSpec {
  readonly path: string;
  readonly size: Bytes;
  /** chattr +C: writes in place, no checksums. */
  readonly nocow: boolean;
  /** fallocate only: extents without contents. Otherwise every block is written once. */
  readonly preallocated: boolean;
  /** Into how many extents the file is cut on disk (at least 1); the pieces lie apart from each other. */
  readonly extents: number;
}
