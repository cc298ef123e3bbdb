import { MICROSECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const nvmeDatacenter: DeviceModel = {
  name: "nvme-datacenter",
  summary: "Data-centre NVMe SSD with power-loss protection.",
  source: "data sheet class values: 80/15 us, 6.5/3.5 GB/s; discard latency is an estimate",
  parameters: {},
  rotational: false,
  channels: 64,
  queueDepth: 256,
  readLatency: 80 * MICROSECOND,
  writeLatency: 15 * MICROSECOND,
  readBandwidth: 6_500_000_000,
  writeBandwidth: 3_500_000_000,
  flushLatency: 20 * MICROSECOND,
  discardLatency: 50 * MICROSECOND,
  supportsDiscard: true,
  volatileCache: false,
};
