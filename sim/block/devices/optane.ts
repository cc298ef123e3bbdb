import { MICROSECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const optane: DeviceModel = {
  name: "optane",
  summary: "Phase-change (Optane class) SSD.",
  source:
    "10 us and 2.5 GB/s are data sheet class values, 550k IOPS follow from 6 channels; discard latency is an estimate",
  parameters: {},
  rotational: false,
  channels: 6,
  queueDepth: 64,
  readLatency: 10 * MICROSECOND,
  writeLatency: 10 * MICROSECOND,
  readBandwidth: 2_500_000_000,
  writeBandwidth: 2_200_000_000,
  flushLatency: 5 * MICROSECOND,
  discardLatency: 20 * MICROSECOND,
  supportsDiscard: true,
  volatileCache: false,
};
