export type {
  CliPorts,
  CommandResult,
  ExploreRunner,
  NamedPaths,
  RowRunner,
  Runner,
  RunnerJob,
  ShippedFiles,
  ShippedScenario,
} from "./ports.ts";
export { runCommandLine } from "./program.ts";
