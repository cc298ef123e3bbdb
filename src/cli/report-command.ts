import { type ResultDocument, resultDocument } from "../experiments/index.ts";
import { htmlReport } from "../report/index.ts";
import { wrongInput } from "./compare-command.ts";
import { outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** `pagestorm report RESULT.json... --html FILE`: the report of runs that were saved as JSON. */
export function reportCommand(files: readonly string[], html: string, ports: CliPorts): CommandResult {
  const read = files.map((file) => readResult(file, ports));
  const problems = [
    ...read.flatMap((result) => ("problems" in result ? result.problems : [])),
    ...outputProblems({ "--html": html }, ports, files),
  ];
  if (problems.length > 0) return wrongInput(problems);
  const documents = read.flatMap((result) => ("document" in result ? [result.document] : []));
  const text = htmlReport(documents, ports.reportAssets());
  return { exitCode: 0, stdout: `${html} is written\n`, stderr: "", files: [{ path: html, text }] };
}

/** One saved result, or everything that is wrong with the file. */
function readResult(
  file: string,
  ports: CliPorts,
): { readonly document: ResultDocument } | { readonly problems: readonly string[] } {
  const read = ports.readText(file);
  if ("problem" in read) return { problems: [`${file}: ${read.problem}`] };
  const value = parseJson(read.text);
  if (value === undefined) return { problems: [`${file}: found text that is no JSON, ${EXPECTED}`] };
  const checked = resultDocument.safeParse(value);
  if (checked.success) return { document: checked.data };
  const [first] = checked.error.issues;
  const place = first?.path.join(".") || "the document";
  return { problems: [`${file}: ${place}: ${first?.message}; ${EXPECTED}`] };
}

const EXPECTED = "expected a result written by `pagestorm run --json` or `pagestorm compare --json`";

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
