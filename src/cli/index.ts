export type {
  CliPorts,
  CommandResult,
  RowRunner,
  Runner,
  RunnerJob,
  ShippedFiles,
  ShippedScenario,
} from "./ports.ts";
export { runCommandLine } from "./program.ts";
