import { formatProblem, oneOf, parseScenario } from "../scenario/index.ts";
import { wrongInput } from "./compare-command.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** Options of a command that needs a variant, before it is known that one was given. */
export type WithoutStrategy<Options extends { readonly strategy?: string }> = Omit<Options, "strategy"> & {
  readonly strategy?: string;
};

/**
 * Carries out a command that needs `--strategy`. Without it the variants of the file are named, which the parser of the
 * command line cannot know.
 */
export async function withStrategy<Options extends { readonly strategy?: string }>(
  file: string,
  options: Options,
  ports: CliPorts,
  command: (options: Options & { readonly strategy: string }) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { strategy } = options;
  return strategy === undefined ? nameStrategies(file, ports) : await command({ ...options, strategy });
}

function nameStrategies(file: string, ports: CliPorts): CommandResult {
  const read = ports.readText(file);
  if ("problem" in read) return wrongInput([`${file}: ${read.problem}`]);
  const { catalogue } = ports;
  const readTrace = ports.traceReader(file);
  const { scenario, problems = [] } = parseScenario({ file, text: read.text, catalogue, readTrace });
  const expected = scenario
    ? `one of the strategies of ${file}: ${scenario.strategies.map(({ name }) => name).join(", ")}`
    : `a strategy: ${oneOf(catalogue.strategies.names())}`;
  return wrongInput([...problems.map(formatProblem), `--strategy: found nothing, expected ${expected}`]);
}
