export { type ImportedDisk, importDisk } from "./assemble.ts";
export { type DumpText, ImportProblem } from "./problem.ts";
export { scenarioText, summaryOf } from "./scenario-text.ts";
