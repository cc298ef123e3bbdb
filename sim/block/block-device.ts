import type { Actor, Pages } from "../engine/index.ts";
import type { Bio, BioStatus } from "./bio.ts";
import type { ContentStore } from "./contents.ts";
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
  readonly contents: ContentStore;
  readonly history: BlockHistory;
  readonly stats: Readonly<BlockStats>;
  /** The device is gone: every request ends with EIO. */
  failed: boolean;
  /** Hands over a bio; returns at once. With a plug the bio waits there for neighbours until the plug is flushed. */
  submit(bio: Bio, plug?: Plug): void;
  /**
   * Its queue is full: the submitter waits for this before it hands over a bio, and sends its plug first. Undefined if
   * there is room. Left out where the queue has no end (the model of plain devices).
   */
  waitForRoom?(): Actor | undefined;
  /** Does a bio at once, in the caller's step: for devices with synchronous I/O. */
  performNow(bio: Bio): void;
  /** Hands over a bio and waits for its completion. */
  submitAndWait(bio: Bio, label: string): Actor<BioStatus>;
  /** Cuts the power after everybody has been killed: the requests that had not ended and the write cache are gone. */
  powerLoss(): void;
}
