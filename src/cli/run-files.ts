import { quoted } from "../report/index.ts";
import { defect } from "./compare-command.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** How each of many files becomes an outcome. */
export interface FileRuns<Outcome> {
  /** The command's name, for the line that repeats a defect. */
  readonly command: string;
  run(path: string, text: string): Promise<Outcome>;
  /** What stands for a file that cannot be read, or with which pagestorm shows a defect. */
  unreadable(path: string, problem: string): Outcome;
}

/** Outcomes in the order of the files. */
interface RanFiles<Outcome> {
  readonly outcomes: readonly Outcome[];
  /** A result that tells of the first defect also, if there was one. */
  withDefects(result: CommandResult): CommandResult;
}

/** Runs files side by side. One that cannot be run has an outcome as well: the others still run. */
export async function runFiles<Outcome>(
  paths: readonly string[],
  { command, run, unreadable }: FileRuns<Outcome>,
  ports: CliPorts,
): Promise<RanFiles<Outcome>> {
  const defects: CommandResult[] = [];
  const runOne = async (path: string): Promise<Outcome> => {
    const read = ports.readText(path);
    if ("problem" in read) return unreadable(path, read.problem);
    try {
      return await run(path, read.text);
    } catch (error) {
      defects.push(defect(error, `${command} ${quoted(path)}`));
      return unreadable(path, `pagestorm has a defect: ${String(error)}`);
    }
  };
  const outcomes = await Promise.all(paths.map(runOne));
  const [first] = defects;
  return {
    outcomes,
    withDefects: (result) =>
      first ? { ...result, exitCode: first.exitCode, stderr: result.stderr + first.stderr } : result,
  };
}
