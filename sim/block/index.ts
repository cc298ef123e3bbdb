export { Bio, type BioOperation, type BioStatus, createPayload, type Payload } from "./bio.ts";
export type { BlockDevice, BlockStats } from "./block-device.ts";
export {
  type BlockContent,
  BlockContents,
  type Generation,
  GenerationCounter,
  type Owner,
  type OwnerId,
  type OwnerKind,
  OwnerTable,
  ZEROES,
} from "./contents.ts";
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
