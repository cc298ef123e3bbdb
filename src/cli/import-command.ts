import { type DumpText, ImportProblem, importDisk, scenarioText } from "../import/index.ts";
import { wrongInput } from "./compare-command.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** `pagestorm import DIR`: a scenario from the texts of btrfs tools about one filesystem. */
export function importCommand(folder: string, ports: CliPorts): CommandResult {
  const names = ports.textFiles(folder);
  if ("problem" in names) return wrongInput([`${folder}: ${names.problem}`]);
  const texts: DumpText[] = [];
  const problems: string[] = [];
  for (const file of names.paths) {
    const read = ports.readData(file);
    if ("problem" in read) problems.push(`${file}: ${read.problem}`);
    else if (read.damage !== undefined) problems.push(`${file}: the archive is damaged: ${read.damage}`);
    else texts.push({ file, text: read.text });
  }
  if (problems.length > 0) return wrongInput(problems);
  try {
    return { exitCode: 0, stdout: scenarioText(folder, importDisk(folder, texts)), stderr: "", files: [] };
  } catch (error) {
    if (error instanceof ImportProblem) return wrongInput([error.message]);
    throw error;
  }
}
