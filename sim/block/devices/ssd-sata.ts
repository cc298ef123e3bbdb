import { MICROSECOND, MILLISECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const ssdSata: DeviceModel = {
  name: "ssd-sata",
  summary: "SATA SSD with DRAM.",
  source:
    "about 100 us random read and 550/500 MB/s are data sheet class values, about 90k IOPS follow from 9 channels; write, flush and discard latency are estimates",
  parameters: {},
  rotational: false,
  channels: 9,
  queueDepth: 32,
  readLatency: 92 * MICROSECOND,
  writeLatency: 50 * MICROSECOND,
  readBandwidth: 550_000_000,
  writeBandwidth: 500_000_000,
  flushLatency: 1 * MILLISECOND,
  discardLatency: 300 * MICROSECOND,
  supportsDiscard: true,
  volatileCache: true,
};
