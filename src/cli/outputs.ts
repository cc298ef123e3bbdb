import type { CliPorts } from "./ports.ts";

/** Why the files that options name cannot be written, by option; better to know before a long run than after it. */
export function outputProblems(
  outputs: Readonly<Record<string, string | undefined>>,
  ports: CliPorts,
): readonly string[] {
  return Object.entries(outputs).flatMap(([option, path]) => {
    const problem = path === undefined || path === "-" ? undefined : ports.whyNotWritable(path);
    return problem === undefined ? [] : [`${option}: ${path}: ${problem}`];
  });
}
