export type { CliPorts, CommandResult, Runner, RunnerJob } from "./ports.ts";
export { runCommandLine } from "./program.ts";
