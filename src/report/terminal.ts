import pc from "picocolors";
import { type Verdict, VIOLATION_CLASSES } from "../../sim/index.ts";
import type { ResultDocument, StrategyDocument } from "../experiments/index.ts";
import { advise } from "./advice.ts";
import { eventLines, formatBytes, formatDuration, formatMany, wrap } from "./format.ts";
import { generationExplained } from "./generation.ts";
import { sideBySide } from "./table.ts";

export interface TerminalOptions {
  readonly colour: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

type Colours = ReturnType<typeof pc.createColors>;

/** The report for people: verdicts, advice, all figures side by side, and how the first damage came about. */
export function terminalReport(document: ResultDocument, { colour, columns }: TerminalOptions): string {
  const colours = pc.createColors(colour);
  const results = document.strategies;
  const paint = (text: string, { verdict }: StrategyDocument): string => paintVerdict(text, verdict, colours);
  const sections = [
    heading(document, colours),
    listOf(results, columns, ({ reason }) => reason, colours),
    `May I use this swap file?\n${listOf(results, columns, (result) => advise(result, results))}`,
    sideBySide(results, columns, paint),
    ...stories(results, columns, colours),
    ...results.flatMap((result) => breaches(result, columns, colours)),
    expectationsOf(document, colours),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** What was simulated, with everything needed to tell two runs apart. */
function heading({ scenario, seed, machine, durationNs }: ResultDocument, colours: Colours): string {
  const { memory, cpus, kernel } = machine;
  const hardware = `${formatBytes(memory)} of memory, ${formatMany(cpus, "CPU")}, ${kernel}`;
  return `${colours.bold(scenario)} (${hardware}, ${formatDuration(durationNs)}, seed ${seed})`;
}

const VERDICT_WIDTH = "out-of-memory".length;

/** One line for each variant: name, verdict if colours are given for it, and a sentence. */
function listOf(
  results: readonly StrategyDocument[],
  columns: number,
  sentence: (result: StrategyDocument) => string,
  colours?: Colours,
): string {
  const nameWidth = Math.max(...results.map(({ name }) => name.length));
  const indent = 2 + nameWidth + 2 + (colours ? VERDICT_WIDTH + 2 : 0);
  const lines = results.map((result) => {
    const [first = "", ...rest] = wrap(sentence(result), Math.max(columns - indent, 20));
    const verdict = colours
      ? `${paintVerdict(result.verdict.padEnd(VERDICT_WIDTH), result.verdict, colours)}  `
      : "";
    const head = `  ${result.name.padEnd(nameWidth)}  ${verdict}${first}`;
    return [head, ...rest.map((line) => " ".repeat(indent) + line)].join("\n");
  });
  return lines.join("\n");
}

/** Green for what is proved right, yellow for what is not known, red for harm. */
function paintVerdict(text: string, verdict: Verdict, colours: Colours): string {
  if (verdict === "correct") return colours.green(text);
  if (verdict === "inconclusive" || verdict === "refused") return colours.yellow(text);
  return colours.red(text);
}

/** A story for each variant that came to harm; the first one explains the word that all use. */
function stories(results: readonly StrategyDocument[], columns: number, colours: Colours): readonly string[] {
  const told = results.flatMap((result) => story(result, columns, colours));
  const first = told.findIndex((text) => generationExplained(text).length > 0);
  return told.map((text, at) => {
    const explained = at === first ? generationExplained(text) : [];
    const lines = explained.flatMap((sentence) => wrap(sentence, columns - 2));
    return [text, ...lines.map((line) => `  ${line}`)].join("\n");
  });
}

/** How the first violation of a variant came about, oldest event first. */
function story(result: StrategyDocument, columns: number, colours: Colours): readonly string[] {
  const [first] = result.violations;
  if (!first) return [];
  const title = `How ${result.name} came to harm: ${first.what}, ${VIOLATION_CLASSES[first.class]} (${first.class})`;
  const lines = eventLines(first.because, columns);
  const titleLines = wrap(title, columns).map((line) => colours.bold(line));
  const end = wrap(`got ${first.got}, expected ${first.expected}`, columns - 2).map((line) => `  ${line}`);
  return [[...titleLines, ...lines, ...end].join("\n")];
}

/** Promises that the simulated kernel broke beside those about contents. */
function breaches(
  { name, breaches: found }: StrategyDocument,
  columns: number,
  colours: Colours,
): readonly string[] {
  if (found.length === 0) return [];
  const lines = found.flatMap(({ invariant, what }) => {
    const [head = "", ...rest] = wrap(what, Math.max(columns - 6, 20));
    return [`  ${invariant}  ${head}`, ...rest.map((line) => `      ${line}`)];
  });
  return [[colours.bold(`What ${name} left behind in the kernel's books`), ...lines].join("\n")];
}

/** Names only the expectations that failed; the others need no words. */
function expectationsOf({ expectations }: ResultDocument, colours: Colours): string {
  if (expectations.length === 0) return "The scenario expects nothing.";
  const failed = expectations.filter(({ held }) => !held);
  if (failed.length === 0) {
    return colours.green(`${formatMany(expectations.length, "expectation")} held.`);
  }
  const lines = failed.map(({ what, got }) => `  expected ${what}; got ${got}`);
  const summary = `${failed.length} of ${formatMany(expectations.length, "expectation")} failed:`;
  return [colours.red(summary), ...lines].join("\n");
}
