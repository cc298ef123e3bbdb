export { type PatternEntry, type PatternOptions, patterns } from "./patterns/index.ts";
export { TraceHash } from "./trace-hash.ts";
export {
  type DecodedTrace,
  decodeTrace,
  isTraceProblem,
  type RecordedTrace,
  recordedTraces,
  type TraceProblem,
  type TraceRegion,
  TraceSource,
} from "./traces/index.ts";
