export { withFix } from "./bug.ts";
export type { Catalogue, FilesystemLimits, ReadableTrace, ReadTrace, TraceProblem } from "./catalogue.ts";
export { commentOnTop } from "./comment.ts";
export { nearest, oneOf } from "./nearest.ts";
export { type ParseResult, parseScenario, type ScenarioInput } from "./parse.ts";
export { formatProblem, foundAndExpected, type Problem } from "./problem.ts";
export { scenarioSchema } from "./schema.ts";
export { unknownToggle } from "./toggles.ts";
export { parseDuration, writeDuration } from "./units.ts";
