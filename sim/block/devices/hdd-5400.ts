import { MICROSECOND, MILLISECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const hdd5400: DeviceModel = {
  name: "hdd-5400",
  summary: "5400 rpm laptop hard disk.",
  source:
    "data sheet class values: seek 1 to 22 ms, 11.1 ms a turn, 100 MB/s; the 50 us of electronics are an estimate",
  parameters: {},
  rotational: true,
  channels: 1,
  queueDepth: 32,
  readLatency: 50 * MICROSECOND,
  writeLatency: 50 * MICROSECOND,
  readBandwidth: 100_000_000,
  writeBandwidth: 100_000_000,
  flushLatency: 18 * MILLISECOND,
  discardLatency: 0,
  supportsDiscard: false,
  volatileCache: true,
  seek: { settle: 1 * MILLISECOND, fullStroke: 22 * MILLISECOND, rotation: 11_111 * MICROSECOND },
};
