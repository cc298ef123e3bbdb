import type { Command } from "commander";
import { listKinds } from "../../report/index.ts";
import type { CliPorts, CommandResult } from "../ports.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type CompletedProgram, completedProgram, type ValuesByName } from "./tree.ts";
import { zshScript } from "./zsh.ts";

const SHELLS: ReadonlyMap<string, (program: CompletedProgram) => string> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

/** The shells that can be told how to complete. */
export const shells: readonly string[] = [...SHELLS.keys()];

/** `pagestorm completion SHELL`: the script that teaches a shell the commands of `program`. */
export function completionCommand(shell: string, program: Command, ports: CliPorts): CommandResult {
  const script = SHELLS.get(shell);
  if (!script) {
    const stderr = `completion: found "${shell}", expected one of ${shells.join(", ")}\n`;
    return { exitCode: 2, stdout: "", stderr, files: [] };
  }
  const stdout = script(completedProgram(program, valuesByName(ports)));
  return { exitCode: 0, stdout, stderr: "", files: [] };
}

/** What completes the values that the usage of the commands names; others are the user's own. */
function valuesByName({ catalogue, shipped }: CliPorts): ValuesByName {
  const strategies = catalogue.strategies.names();
  return new Map([
    ["scenario", { kind: "files", extensions: ["yaml", "yml"] }],
    ["result", { kind: "files", extensions: ["json"] }],
    ["file", { kind: "files", extensions: [] }],
    ["name", { kind: "words", words: strategies }],
    ["names", { kind: "list", words: strategies }],
    ["kind", { kind: "words", words: listKinds() }],
    ["example", { kind: "words", words: shipped.scenarios().map(({ name }) => name) }],
    ["shell", { kind: "words", words: shells }],
  ]);
}
