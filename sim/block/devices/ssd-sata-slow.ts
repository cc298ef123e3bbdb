import { MICROSECOND, MILLISECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const ssdSataSlow: DeviceModel = {
  name: "ssd-sata-slow",
  summary: "Worn or DRAM-less SATA SSD.",
  source:
    "estimate: three times the latency and a third of the write bandwidth of ssd-sata, as worn drives show",
  parameters: {},
  rotational: false,
  channels: 4,
  queueDepth: 32,
  readLatency: 250 * MICROSECOND,
  writeLatency: 400 * MICROSECOND,
  readBandwidth: 450_000_000,
  writeBandwidth: 120_000_000,
  flushLatency: 8 * MILLISECOND,
  discardLatency: 2 * MILLISECOND,
  supportsDiscard: true,
  volatileCache: true,
};
