export { type TerminalOptions, terminalReport } from "./terminal.ts";
