import type { DeviceModel } from "../device-model.ts";

export const ram: DeviceModel = {
  name: "ram",
  summary: "Memory that looks like a disk: no latency, no limit that matters.",
  source: "definition; the bandwidth is that of one memory channel, an estimate",
  parameters: {},
  rotational: false,
  channels: 64,
  queueDepth: 1024,
  readLatency: 0,
  writeLatency: 0,
  readBandwidth: 20_000_000_000,
  writeBandwidth: 20_000_000_000,
  flushLatency: 0,
  discardLatency: 0,
  supportsDiscard: true,
  volatileCache: false,
};
