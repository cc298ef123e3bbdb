import { MICROSECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const nvmeConsumer: DeviceModel = {
  name: "nvme-consumer",
  summary: "Consumer NVMe SSD, TLC.",
  source:
    "60 to 80 us random read at depth 1 and 600k IOPS at depth are published figures of the class; bandwidth 3.5/3 GB/s data sheet class; flush and discard are estimates",
  parameters: {},
  rotational: false,
  channels: 32,
  queueDepth: 128,
  readLatency: 70 * MICROSECOND,
  writeLatency: 20 * MICROSECOND,
  readBandwidth: 3_500_000_000,
  writeBandwidth: 3_000_000_000,
  flushLatency: 400 * MICROSECOND,
  discardLatency: 100 * MICROSECOND,
  supportsDiscard: true,
  volatileCache: true,
};
