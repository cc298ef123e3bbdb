import type { BenchCase, Goal, Meters, Sample } from "./bench-case.ts";

export interface MeasureOptions {
  readonly repetitions: number;
  readonly scale: number;
}

/** A case measured: the median and the least cost of one operation, and the median of the ratio. */
export interface BenchResult {
  readonly name: string;
  readonly unit: BenchCase["unit"];
  readonly operation: string;
  readonly median: number;
  readonly least: number;
  readonly reference: string;
  readonly referenceMedian: number;
  readonly ratio: number;
  readonly goal: Goal;
  readonly met: boolean;
  readonly note: string;
  readonly breakdown: string | undefined;
}

/**
 * Measures a case: one round of both to warm up, then several, subject and reference in turn, so that whatever else
 * the machine does hits both. The ratio is taken round by round. Bytes need no warming up, and what the warm-up
 * allocated might be given back while the rounds are measured.
 */
export function measure(benchCase: BenchCase, meters: Meters, options: MeasureOptions): BenchResult {
  const contest = benchCase.prepare(meters, options.scale);
  if (benchCase.unit === "ns") {
    contest.subject();
    contest.reference();
  }
  const costs: number[] = [];
  const references: number[] = [];
  const rounds = Math.min(options.repetitions, benchCase.repetitions ?? options.repetitions);
  for (let round = 0; round < rounds; round++) {
    costs.push(perOperation(contest.subject()));
    references.push(perOperation(contest.reference()));
  }
  const { name, unit, operation, reference, goal, note, breakdown } = benchCase;
  const cost = median(costs);
  const ratio = median(costs.map((each, round) => each / references[round]!));
  return {
    name,
    unit,
    operation,
    median: cost,
    least: Math.min(...costs),
    reference,
    referenceMedian: median(references),
    ratio,
    goal,
    met: "atMost" in goal ? cost <= goal.atMost : ratio <= goal.ratioAtMost,
    note,
    breakdown,
  };
}

function perOperation({ cost, operations }: Sample): number {
  return cost / operations;
}

/** The middle value; of an even number the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;
}
