import { type Progress, simulate } from "../../sim/index.ts";
import { decodeTrace, isTraceProblem, TraceSource } from "../../workloads/index.ts";
import { catalogue } from "../catalogue.ts";
import { compare as compareVariants, documentOf, type ResultDocument } from "../experiments/index.ts";
import { formatProblem, type Problem, parseScenario, type ReadTrace } from "../scenario/index.ts";
import type { ScenarioFile } from "./scenario-file.ts";

export interface CompareOptions {
  /** Instead of the seed of the scenario. */
  readonly seed?: string;
  /** Recorded programs by the names that the tasks give: what valgrind lackey wrote, plain or gzipped. */
  readonly traces?: Readonly<Record<string, Uint8Array>>;
  /** How far the variant that runs has come. */
  readonly onProgress?: (variant: string, progress: Progress) => void;
}

/** A scenario that cannot be run. All that is wrong with it is in `problems` and in the message. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/**
 * Runs a scenario with each of its strategies, one after the other in this thread. It is given as an object, or as the
 * text of a scenario file. Rejects with a `ScenarioError` if the scenario is wrong; what befalls the simulated machine
 * is in the result, which is the same for the same scenario and seed.
 */
export async function compare(
  scenario: ScenarioFile | string,
  options: CompareOptions = {},
): Promise<ResultDocument> {
  const { seed, traces = {}, onProgress } = options;
  const parsed = parseScenario({
    file: "scenario",
    // JSON is YAML, so objects and files go through the same checks.
    text: typeof scenario === "string" ? scenario : (JSON.stringify(scenario, undefined, 2) ?? "null"),
    catalogue,
    readTrace: traceReader(new Map(Object.entries(traces))),
    ...(seed === undefined ? {} : { seed }),
  });
  if (!parsed.scenario) {
    const { problems } = parsed;
    throw new ScenarioError(typeof scenario === "string" ? problems : problems.map(withoutPlace));
  }
  const comparison = await compareVariants(
    parsed.scenario,
    async (read, variant) =>
      simulate(
        read,
        variant,
        onProgress ? { onProgress: (progress) => onProgress(variant.name, progress) } : {},
      ),
    () => 0,
  );
  return documentOf(comparison, "compare");
}

/** An object has no lines; the path tells the place. */
function withoutPlace({ excerpt: _, ...problem }: Problem): Problem {
  return { ...problem, line: 0, column: 0 };
}

function traceReader(traces: ReadonlyMap<string, Uint8Array>): ReadTrace {
  return (name) => {
    const bytes = traces.get(name);
    if (!bytes) return { found: `${JSON.stringify(name)}, which is not among traces`, expected: EXPECTED };
    const decoded = decodeTrace([bytes]);
    if (!isTraceProblem(decoded)) return { open: () => new TraceSource(decoded) };
    const { at, found, expected } = decoded;
    return { found: `${found} at ${"line" in at ? `line ${at.line}` : `byte ${at.byte}`}`, expected };
  };
}

const EXPECTED = "a trace of valgrind lackey, given to compare under this name";
