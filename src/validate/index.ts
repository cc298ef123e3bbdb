export { type PhaseEntry, type ValidationDocument, validationDocument } from "./document.ts";
export { fidelityDocument } from "./fidelity.ts";
export { globTest } from "./glob.ts";
export type { MeasuredMachine } from "./measured-machine.ts";
export { MECHANISMS } from "./mechanisms.ts";
export { type RowRun, runRow } from "./run-row.ts";
export { validationReport } from "./table.ts";
export { type RunRow, type Validation, validate } from "./validate.ts";
