import { Registry } from "../../engine/index.ts";
import type { DeviceModel } from "../device-model.ts";
import { hdd5400 } from "./hdd-5400.ts";
import { hdd7200 } from "./hdd-7200.ts";
import { nvmeConsumer } from "./nvme-consumer.ts";
import { nvmeDatacenter } from "./nvme-datacenter.ts";
import { optane } from "./optane.ts";
import { pmem } from "./pmem.ts";
import { ram } from "./ram.ts";
import { sdCard } from "./sd-card.ts";
import { ssdSata } from "./ssd-sata.ts";
import { ssdSataSlow } from "./ssd-sata-slow.ts";
import { virtioQemu } from "./virtio-qemu.ts";
import { zram } from "./zram.ts";

/** Every device there is a data sheet for. */
export const deviceModels: Registry<DeviceModel> = new Registry("device", [
  hdd7200,
  hdd5400,
  ssdSata,
  ssdSataSlow,
  nvmeConsumer,
  nvmeDatacenter,
  optane,
  sdCard,
  ram,
  pmem,
  virtioQemu,
  zram,
]);
