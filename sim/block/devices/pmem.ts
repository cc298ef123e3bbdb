import { NANOSECOND } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";

export const pmem: DeviceModel = {
  name: "pmem",
  summary:
    "Persistent memory as a block device: a page's I/O is a copy in the caller's step, without a queue.",
  source: "drivers/nvdimm/pmem.c, Linux 6.1; figures of one Optane DC module: Izraelevitz et al. 2019",
  parameters: {},
  rotational: false,
  channels: 1,
  queueDepth: 1,
  readLatency: 305 * NANOSECOND,
  writeLatency: 94 * NANOSECOND,
  readBandwidth: 6_600_000_000,
  writeBandwidth: 2_300_000_000,
  flushLatency: 0,
  discardLatency: 0,
  supportsDiscard: false,
  volatileCache: false,
  synchronousIo: true,
};
