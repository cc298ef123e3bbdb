export {
  type Accesses,
  AccessLog,
  AREA_TABLES,
  DOMAINS,
  type Domain,
  domainOf,
  indexOf,
  type Key,
  MEMORY_LISTS,
} from "./accesses.ts";
export {
  type Actor,
  call,
  DONE,
  delay,
  type MaybeActor,
  type Pause,
  PauseKind,
  park,
  sleep,
  step,
} from "./actor.ts";
export { removeAt } from "./arrays.ts";
export { assert, fail, SimulationBug } from "./assert.ts";
export type { Chooser } from "./chosen-agenda.ts";
export { type CostDeclaration, type Costs, type CostTable, timesOf } from "./costs.ts";
export {
  Engine,
  type EngineOptions,
  type EngineOutcome,
  type Limits,
  type Waiter,
} from "./engine.ts";
export { exp, ln, pow } from "./exact-math.ts";
export { FailSlab } from "./failslab.ts";
export { hashText, mix } from "./hash.ts";
export { type Holdable, Mutex, RwLock, Semaphore } from "./locks.ts";
export { type CounterDeclaration, type Counters, Histogram, zeroCounters } from "./metrics.ts";
export { NeverEnds } from "./never-ends.ts";
export { probe } from "./probe.ts";
export type { Process } from "./process.ts";
export { Processors } from "./processors.ts";
export { openStreams, RandomStream, type RandomStreams } from "./random.ts";
export { RangeLock } from "./range-lock.ts";
export {
  type ParameterDeclaration,
  type ParameterDeclarations,
  type ParameterValue,
  type ParameterValues,
  Registry,
  type RegistryEntry,
  withDefaults,
} from "./registry.ts";
export { type KindOf, TimeAccount, type TimeKind, type TimeSlice, TimeWatch } from "./time-account.ts";
export * from "./units.ts";
export { WaitQueue } from "./wait-queue.ts";
