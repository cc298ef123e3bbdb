export type { Progress, Scenario, StrategyResult, StrategyVariant, Verdict } from "../sim/index.ts";
export { simulate } from "../sim/index.ts";
export { catalogue } from "./catalogue.ts";
export { type ResultDocument, type StrategyDocument, toJson } from "./experiments/index.ts";
export * from "./library/index.ts";
export { terminalReport } from "./report/index.ts";
export {
  type Catalogue,
  formatProblem,
  type ParseResult,
  type Problem,
  parseScenario,
  type ReadTrace,
  type ScenarioInput,
  scenarioSchema,
} from "./scenario/index.ts";
export { VERSION } from "./version.ts";
