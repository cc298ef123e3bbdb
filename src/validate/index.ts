export { type ValidationDocument, validationDocument } from "./document.ts";
export { globTest } from "./glob.ts";
export type { MeasuredMachine } from "./measured-machine.ts";
export { type RowRun, runRow } from "./run-row.ts";
export { validationReport } from "./table.ts";
export { type RunRow, type Validation, validate } from "./validate.ts";
