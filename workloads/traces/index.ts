export { type DecodedTrace, decodeTrace, type TraceRegion } from "./decode.ts";
export { isTraceProblem, type TraceProblem } from "./problem.ts";
export { type RecordedTrace, recordedTraces } from "./recorded.ts";
export { TraceSource } from "./trace-source.ts";
