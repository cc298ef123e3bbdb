export { deviceModels } from "./block/index.ts";
export {
  openStreams,
  type ParameterDeclaration,
  type ParameterDeclarations,
  type ParameterValue,
  type ParameterValues,
  Registry,
  type RegistryEntry,
  SimulationBug,
} from "./engine/index.ts";
export { type Errno, type FileSpec, filesystemTypes, operations } from "./fs/index.ts";
export { type AccessSource, type InterleavedFileReads, kernelProfiles, VMSTAT } from "./mm/index.ts";
export * from "./result.ts";
export type * from "./scenario.ts";
export { type Progress, type SimulateOptions, simulate } from "./simulate.ts";
export { strategies } from "./swap/index.ts";
export { TOGGLES } from "./toggles.ts";
