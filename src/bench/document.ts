import type { BenchResult } from "./measure.ts";
import { type BenchMachine, costText, goalText } from "./report.ts";

/** docs/performance.md: what was measured, on what machine, what it came to, and where a goal was missed. */
export function benchMarkdown(
  results: readonly BenchResult[],
  machine: BenchMachine,
  command: string,
): string {
  const missed = results.filter(({ met }) => !met);
  return [
    `# Performance

Written by \`${command}\` on ${machine.cpu}, ${machine.cpus} CPUs, ${machine.runtime}, ${machine.system}.

Figures are CPU time of one core (start-up is wall-clock time): the median of several rounds and the least of them. Each
round also measures a bare loop without a simulator around it, so that a figure can be told from a slow machine; the
ratio is the median over the rounds. Seeds are fixed. To try again: \`npm run bench\`, or one case with
\`npm run bench -- --only NAME\`.

${table(results)}`,
    `## What is measured

${results.map(explain).join("\n")}
`,
    `## Goals that were missed

${missed.length === 0 ? "None in this run.\n" : missed.map(shortfall).join("\n")}`,
  ].join("\n");
}

function table(results: readonly BenchResult[]): string {
  const lines = results.map((result) => {
    const { name, median, least, referenceMedian, ratio, met } = result;
    const costs = [median, least, referenceMedian].map((cost) => costText(result, cost));
    return `| ${[name, ...costs, ratio.toFixed(2), goalText(result), met ? "yes" : "**no**"].join(" | ")} |`;
  });
  const head = "| case | median | least | reference | ratio | goal | met |\n|---|--:|--:|--:|--:|---|---|";
  return `${[head, ...lines].join("\n")}\n`;
}

function explain({ name, operation, reference, note }: BenchResult): string {
  return `- **${name}**: ${operation}. Against: ${reference}. (${note})`;
}

function shortfall(result: BenchResult): string {
  const { name, median, breakdown } = result;
  const found = `${name}: ${costText(result, median)}, wanted ${goalText(result)}.`;
  return `- ${breakdown === undefined ? found : `${found} ${breakdown}`}\n`;
}
