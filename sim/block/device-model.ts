import type { Bytes, Duration, RegistryEntry } from "../engine/index.ts";

/** The mechanical part of a hard disk; solid-state devices have none. */
export interface SeekModel {
  /** Head settle and shortest seek. */
  readonly settle: Duration;
  /** Seek from the first to the last block. */
  readonly fullStroke: Duration;
  /** One turn of the platter; the mean rotational wait is half of it. */
  readonly rotation: Duration;
}

/** A device as a data sheet. Every number has a source, or is marked as an estimate there. */
export interface DeviceModel extends RegistryEntry {
  readonly rotational: boolean;
  /** Requests served at the same time inside the device. */
  readonly channels: number;
  /** Requests the device accepts; more wait in the queue above it. */
  readonly queueDepth: number;
  /** Latency of one 4 KiB request at queue depth 1, without the transfer. */
  readonly readLatency: Duration;
  readonly writeLatency: Duration;
  /** Sequential bandwidth, bytes per second; transfers share it. */
  readonly readBandwidth: Bytes;
  readonly writeBandwidth: Bytes;
  readonly flushLatency: Duration;
  readonly discardLatency: Duration;
  readonly supportsDiscard: boolean;
  /** Writes are acknowledged from a cache that loses its contents with the power until they are flushed. */
  readonly volatileCache: boolean;
  readonly seek?: SeekModel;
  /** The driver does a page's I/O in the caller's step, without a queue (rw_page of Linux 6.1). */
  readonly synchronousIo?: boolean;
  /** What is written lies compressed in the machine's own memory (zram). */
  readonly livesInMemory?: boolean;
}
