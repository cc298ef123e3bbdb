import { toJson } from "../experiments/index.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/**
 * Why the files that options name cannot be written, by option; better to know before a long run than after it. Nothing is
 * written over what is read, nor twice to the same place.
 */
export function outputProblems(
  outputs: Readonly<Record<string, string | undefined>>,
  ports: CliPorts,
  inputs: readonly string[],
): readonly string[] {
  const taken = new Map(inputs.map((path) => [ports.placeOf(path), "it is read, and would be lost"]));
  return Object.entries(outputs).flatMap(([option, path]) => {
    if (path === undefined || path === "-") return [];
    const place = ports.placeOf(path);
    const problem = taken.get(place) ?? ports.whyNotWritable(path);
    if (!taken.has(place)) taken.set(place, `${option} is written there`);
    return problem === undefined ? [] : [`${option}: ${path}: ${problem}`];
  });
}

/**
 * Where a result goes: its document to the file of `--json`, its report to standard output unless `--quiet`. A document for
 * `-` is standard output, and the report has no place. What nobody asked for is not made.
 */
export function jsonOutput(
  { json, quiet = false }: { readonly json?: string | undefined; readonly quiet?: boolean | undefined },
  document: () => object,
  report: () => string,
): Pick<CommandResult, "stdout" | "files"> {
  if (json === "-") return { stdout: toJson(document()), files: [] };
  return {
    stdout: quiet ? "" : report(),
    files: json === undefined ? [] : [{ path: json, text: toJson(document()) }],
  };
}
