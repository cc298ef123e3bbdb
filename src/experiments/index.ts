export { type Comparison, compare, type RunVariant, type Timing, VariantFailure } from "./compare.ts";
export { documentOf, toJson } from "./document.ts";
export { exitStatus, type Judged, type JudgedExpectation, judgeExpectations } from "./expectations.ts";
export {
  type ResultDocument,
  resultDocument,
  resultJsonSchema,
  type StrategyDocument,
} from "./result-document.ts";
export { findSmallestReserve, type ReserveTry, type SmallestReserve } from "./smallest-reserve.ts";
