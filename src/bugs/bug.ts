import type { BugSpec, StrategyVariant, Violation } from "../../sim/index.ts";
import type { ResultDocument } from "../experiments/index.ts";
import { type Catalogue, commentOnTop, formatProblem, parseScenario } from "../scenario/index.ts";
import { type Pair, scheduledPair, timedPair } from "./pair.ts";

/** A bug as a worker gets it: the text of a scenario file. */
export interface BugFile {
  readonly file: string;
  readonly text: string;
  /** The outcome has the whole results as well, with maps of the disk. */
  readonly forReport?: boolean;
}

/** Something that must be seen with the fix on, and whether it was. */
export interface Witness {
  readonly what: string;
  readonly seen: boolean;
}

/** One machine with the fix off or on. */
export interface BugRun {
  readonly verdict: string;
  /** Every promise named in the file was broken. */
  readonly violated: boolean;
  /** What showed it, or why nothing did. */
  readonly what: string;
  readonly witnesses: readonly Witness[];
  readonly fingerprint: string;
}

export interface BugVariant {
  readonly strategy: string;
  readonly off: BugRun;
  readonly on: BugRun;
  /** How bytes came to harm with the fix off, oldest event first; empty if none did. */
  readonly because: Violation["because"];
  /** Of a bug that needs a race. */
  readonly race?: BugRace;
  /** For the page: both timed runs, side by side. */
  readonly report?: ResultDocument;
}

/** How a race went that shows a bug. */
export interface BugRace {
  /** The interleaving with the fix off, as kernel commit messages show one. */
  readonly interleaving: string;
  /** Lines that repeat both runs. */
  readonly replay: { readonly off: string; readonly on: string };
}

/** What became of a bug. Plain data. */
export interface BugOutcome {
  readonly file: string;
  /** What the file says about itself; undefined if it could not be read. */
  readonly spec: BugSpec | undefined;
  readonly title: string;
  /** What the file says on top, a paragraph each. */
  readonly told: readonly string[];
  readonly variants: readonly BugVariant[];
  /** Sentences, each one thing that is not as it must be; empty if the bug falls and its fix holds. */
  readonly failures: readonly string[];
}

/** No trace belongs to a bug: it would not be one file any more. */
const noTraces = () => ({ found: "a trace", expected: "a pattern, because a bug is one file" });

/** Reads a bug and runs it with each of its strategies, fix off and on. Throws only if the simulator has a defect. */
export function runBug({ file, text, forReport = false }: BugFile, catalogue: Catalogue): BugOutcome {
  const { scenario, problems } = parseScenario({ file, text, catalogue, readTrace: noTraces });
  if (!scenario) return unreadable(file, problems.map(formatProblem));
  const { bug } = scenario;
  if (!bug) return unreadable(file, [`${file}: found no bug:, expected a scenario that tells of one`]);
  const open = (variant: StrategyVariant): Pair => {
    const job = { file, text, scenario, bug, variant, forReport };
    return bug.schedule ? scheduledPair(job, bug.schedule) : timedPair(job);
  };
  const runs = scenario.strategies.map(open);
  return {
    file,
    spec: bug,
    title: scenario.name,
    told: told(text),
    variants: runs.map((pair) => pair.outcome()),
    failures: runs.flatMap((pair) => pair.failures()),
  };
}

/** A file without an outcome fails; the others still run. */
export function unreadable(file: string, failures: readonly string[]): BugOutcome {
  return { file, spec: undefined, title: file, told: [], variants: [], failures };
}

/** The comment that a file begins with, a paragraph each. */
function told(text: string): readonly string[] {
  const paragraphs = commentOnTop(text).split(/\n{2,}/);
  return paragraphs.map((paragraph) => paragraph.replaceAll("\n", " ").trim()).filter(Boolean);
}
