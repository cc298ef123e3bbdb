import {
  deviceModels,
  devicesNeeded,
  F2FS_DEVICE_MIN,
  f2fsRoom,
  filesystemTypes,
  kernelProfiles,
  operations,
  reclaimPolicies,
  roomForData,
  searches,
  stackedDevices,
  strategies,
  TOGGLES,
  zpools,
} from "../sim/index.ts";
import { patterns, recordedTraces } from "../workloads/index.ts";
import type { Catalogue, FilesystemLimits } from "./scenario/index.ts";

/** A filesystem of which nothing is known is limited by its devices alone. */
const NO_LIMITS: FilesystemLimits = {
  smallestDevice: 0,
  devicesAtMost: Number.POSITIVE_INFINITY,
  devicesAtLeast: () => 1,
  room: (_options, sizes) => sum(sizes),
};

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

/** Smallest devices: what mkfs.btrfs takes with the chunk sizes the model uses; mke2fs with a journal, an estimate. */
const LIMITS: ReadonlyMap<string, FilesystemLimits> = new Map<string, FilesystemLimits>([
  [
    "btrfs",
    {
      smallestDevice: 256 * 2 ** 20,
      devicesAtMost: Number.POSITIVE_INFINITY,
      devicesAtLeast: devicesNeeded,
      room: roomForData,
    },
  ],
  ["nfs", { ...NO_LIMITS, smallestDevice: 2 ** 20, devicesAtMost: 1 }],
  [
    "f2fs",
    {
      ...NO_LIMITS,
      smallestDevice: F2FS_DEVICE_MIN,
      devicesAtMost: 1,
      room: (_options, [size = 0]) => f2fsRoom(size),
    },
  ],
  ["ext4", { ...NO_LIMITS, smallestDevice: 16 * 2 ** 20, devicesAtMost: 1 }],
]);

/** Everything that this version of pagestorm has: the registries of the simulator and of the workloads. */
export const catalogue: Catalogue = {
  strategies,
  deviceModels,
  stackedDevices,
  filesystemTypes,
  operations,
  kernelProfiles,
  reclaimPolicies,
  zpools,
  patterns,
  searches,
  faults: TOGGLES.map(({ name }) => name),
  filesystemLimits: (type) => LIMITS.get(type) ?? NO_LIMITS,
  cpuPerTraceLine: (file) => recordedTraces.find((trace) => trace.file === file)?.cpu,
};
