import type { Actor, Pages } from "../engine/index.ts";
import type { Bio, BioStatus } from "./bio.ts";
import type { BlockContents } from "./contents.ts";
import type { DeviceModel } from "./device-model.ts";
import type { BlockHistory } from "./history.ts";
import type { Plug } from "./plug.ts";

/** What /sys/block/X/stat counts: ios and sectors at completion, merges at submission. Sectors are 512 bytes. */
export interface BlockStats {
  readIos: number;
  readMerges: number;
  readSectors: number;
  writeIos: number;
  writeMerges: number;
  writeSectors: number;
  flushIos: number;
  discardIos: number;
  discardSectors: number;
  /** Time with at least one request in flight, ns. */
  busy: number;
}

/** A block device as its users see it. */
export interface BlockDevice {
  readonly name: string;
  readonly size: Pages;
  readonly model: DeviceModel;
  readonly contents: BlockContents;
  readonly history: BlockHistory;
  readonly stats: Readonly<BlockStats>;
  /** The device is gone: every request ends with EIO. */
  failed: boolean;
  /** Cuts the power: what was written since the last flush is gone, if the device keeps track of it. */
  powerLoss(): void;
  /** Hands over a bio; returns at once. With a plug the bio waits there for neighbours until the plug is flushed. */
  submit(bio: Bio, plug?: Plug): void;
  /** Does a bio at once, in the caller's step: for devices with synchronous I/O. */
  performNow(bio: Bio): void;
  /** Hands over a bio and waits for its completion. */
  submitAndWait(bio: Bio, label: string): Actor<BioStatus>;
}
