import { MICROSECOND, MILLISECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const sdCard: DeviceModel = {
  name: "sd-card",
  summary: "SD card or eMMC of a small board.",
  source: "estimate: 500 us read, 4 ms write, 80/25 MB/s",
  parameters: {},
  rotational: false,
  channels: 1,
  queueDepth: 1,
  readLatency: 500 * MICROSECOND,
  writeLatency: 4 * MILLISECOND,
  readBandwidth: 80_000_000,
  writeBandwidth: 25_000_000,
  flushLatency: 20 * MILLISECOND,
  discardLatency: 5 * MILLISECOND,
  supportsDiscard: true,
  volatileCache: true,
};
