export type {
  CliPorts,
  CommandResult,
  ExploreRunner,
  RowRunner,
  Runner,
  RunnerJob,
  ShippedFiles,
  ShippedScenario,
} from "./ports.ts";
export { runCommandLine } from "./program.ts";
