import { MICROSECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const virtioQemu: DeviceModel = {
  name: "virtio-qemu",
  summary: "virtio disk of a QEMU guest in software emulation, served from the host's page cache.",
  source:
    "measured guest (workloads/measured): a fault waits 60 to 320 us, median 140 us; 64 workers of its thread pool; the rest are estimates",
  parameters: {},
  rotational: false,
  channels: 64,
  queueDepth: 256,
  readLatency: 140 * MICROSECOND,
  writeLatency: 140 * MICROSECOND,
  readBandwidth: 1_000_000_000,
  writeBandwidth: 1_000_000_000,
  flushLatency: 1000 * MICROSECOND,
  discardLatency: 150 * MICROSECOND,
  supportsDiscard: true,
  volatileCache: true,
};
