export type * from "./administration.ts";
export { devicesNeeded, listRules, roomForData } from "./btrfs/index.ts";
export { FS_COSTS, type FsCost } from "./costs.ts";
export type { Errno } from "./errno.ts";
export { F2FS_DEVICE_MIN, f2fsRoom } from "./f2fs/index.ts";
export type * from "./file-handle.ts";
export * from "./filesystem.ts";
export { ALLOCATION_SITES, type AllocationSite, type FilesystemMemory } from "./filesystem-memory.ts";
export type * from "./laid-disk.ts";
export { operations } from "./operations/index.ts";
export type {
  OperationContext,
  SwapControl,
  SwaponOptions,
} from "./operations/operation.ts";
export type {
  PatchNumber,
  Series2014,
  SeriesOptions,
} from "./series-2014.ts";
export { filesystemTypes } from "./types.ts";
