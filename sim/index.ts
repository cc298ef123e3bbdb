export {
  createBlockDevice,
  deviceModels,
  GenerationCounter,
  OwnerTable,
  stackedDevices,
} from "./block/index.ts";
export { QUANTITIES } from "./condition.ts";
export { COSTS, type CostName } from "./costs.ts";
export {
  type Actor,
  type CostDeclaration,
  delay,
  Engine,
  Mutex,
  openStreams,
  PAGE_SIZE,
  type ParameterDeclaration,
  type ParameterDeclarations,
  type ParameterValue,
  type ParameterValues,
  Processors,
  Registry,
  type RegistryEntry,
  SimulationBug,
  type TimeKind,
  type TimeSlice,
} from "./engine/index.ts";
export {
  type Change,
  type CounterExample,
  chances,
  countWorkloads,
  defaultSearchOptions,
  type Execution,
  type Explored,
  execute,
  explore,
  type Film,
  film,
  follow,
  type LockState,
  type Row,
  type Schedule,
  ScheduleGuide,
  type Search,
  type SearchOptions,
  type Slice,
  type Step,
  type Story,
  scheduleThatShows,
  searches,
  shrink,
  switchesOf,
  tell,
  type Violated,
  violationOf,
  type Wait,
  without,
  workloads,
} from "./explore/index.ts";
export {
  ALLOCATION_SITES,
  blindObserver,
  type DiskLayout,
  devicesNeeded,
  type Errno,
  F2FS_DEVICE_MIN,
  type FileSpec,
  type Filesystem,
  f2fsRoom,
  filesystemTypes,
  type LaidChunk,
  type LaidDisk,
  type LaidFile,
  type LaidPiece,
  listRules,
  operations,
  roomForData,
} from "./fs/index.ts";
export { BROKEN_BY, INVARIANTS, type Invariant } from "./invariants.ts";
export {
  type AccessSource,
  type FragmentationSpec,
  type InterleavedFileReads,
  kernelProfiles,
  type MemCgroupLimits,
  type MmCosts,
  NO_LIMITS,
  REFERENCES_MAX,
  reclaimPolicies,
  type ScriptLine,
  VMSTAT,
  watermarks,
  type ZoneSpec,
} from "./mm/index.ts";
export {
  VIOLATION_CLASSES,
  type Violation,
  type ViolationClass,
  type ViolationTotals,
} from "./oracle/index.ts";
export {
  type Phase,
  type PhaseCounters,
  type PhasedExperiment,
  type PhasedFile,
  type PhasedProgram,
  type PhasedResult,
  type PhaseTimes,
  simulatePhases,
} from "./phases.ts";
export { type ReplayOptions, replacements, replay } from "./replacement/index.ts";
export * from "./result.ts";
export type * from "./scenario.ts";
export { type Progress, type SimulateOptions, simulate } from "./simulate.ts";
export { type ReadaheadState, strategies, type ZswapOptions, zpools } from "./swap/index.ts";
export { TOGGLES } from "./toggles.ts";
