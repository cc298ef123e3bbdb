export { type BlockHolder, FileOracle, type Place } from "./file-oracle.ts";
export { type OldPlace, PageOracle, type SlotView } from "./page-oracle.ts";
export {
  VIOLATION_CLASSES,
  type Violation,
  type ViolationClass,
  ViolationLedger,
  type ViolationTotals,
} from "./violations.ts";
export { WitnessTracker } from "./witness-tracker.ts";
