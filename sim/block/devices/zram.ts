import { NANOSECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

/** The time it takes to compress is CPU time of the caller; the figures here serve whoever goes through the queue. */
export const zram: DeviceModel = {
  name: "zram",
  summary: "Compressed memory as a block device: no queue, no latency, and swap-ins skip the swap cache.",
  source: "drivers/block/zram, Linux 6.1; latency and bandwidth: LZ4 of a 4 KiB page, about 2 us",
  parameters: {},
  rotational: false,
  channels: 1,
  queueDepth: 1,
  readLatency: 1700 * NANOSECOND,
  writeLatency: 1700 * NANOSECOND,
  readBandwidth: 4_000_000_000,
  writeBandwidth: 2_000_000_000,
  flushLatency: 0,
  discardLatency: 0,
  supportsDiscard: true,
  volatileCache: false,
  synchronousIo: true,
  livesInMemory: true,
};
