import { MICROSECOND, MILLISECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const hdd7200: DeviceModel = {
  name: "hdd-7200",
  summary: "7200 rpm hard disk.",
  source:
    "data sheet class values: seek 0.8 to 16 ms, 8.33 ms a turn, 180 MB/s outer tracks; the 50 us of electronics are an estimate",
  parameters: {},
  rotational: true,
  channels: 1,
  queueDepth: 32,
  readLatency: 50 * MICROSECOND,
  writeLatency: 50 * MICROSECOND,
  readBandwidth: 180_000_000,
  writeBandwidth: 180_000_000,
  flushLatency: 12 * MILLISECOND,
  discardLatency: 0,
  supportsDiscard: false,
  volatileCache: true,
  seek: { settle: 800 * MICROSECOND, fullStroke: 16 * MILLISECOND, rotation: 8_333 * MICROSECOND },
};
