export { type Comparison, compare, type RunVariant, type Timing, VariantFailure } from "./compare.ts";
export { toJson } from "./document.ts";
export { exitStatus, type JudgedExpectation, judgeExpectations } from "./expectations.ts";
