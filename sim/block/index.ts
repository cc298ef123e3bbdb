export {
  Bio,
  type BioOperation,
  type BioStatus,
  contentOf,
  createPayload,
  type Payload,
  payloadOf,
} from "./bio.ts";
export type { BlockDevice, BlockStats } from "./block-device.ts";
export { type BlockMemory, endlessMemory, type Gfp, type PageHandle } from "./block-memory.ts";
export {
  type BlockContent,
  BlockContents,
  type ContentStore,
  type Generation,
  GenerationCounter,
  type Owner,
  type OwnerId,
  type OwnerKind,
  OwnerTable,
  ZEROES,
} from "./contents.ts";
export { BLOCK_COSTS, type BlockCost } from "./costs.ts";
export type { DeviceFaultRates } from "./device-faults.ts";
export type { DeviceModel, SeekModel } from "./device-model.ts";
export { deviceModels } from "./devices/index.ts";
export { BlockHistory, type HistoryEvent, HistoryVerb } from "./history.ts";
export { Plug } from "./plug.ts";
export {
  createBlockDevice,
  type DeviceOptions,
  type FailingRequests,
  type SimulatedDevice,
} from "./simulated-device.ts";
export { type BackingFile, type Below, stackedDevices } from "./stacked/index.ts";
