import type { Scenario, StrategyResult, StrategyVariant } from "../../sim/index.ts";
import { exitStatus, type JudgedExpectation, judgeExpectations } from "./expectations.ts";

/** Runs one variant, here or elsewhere. Rejects only for a defect of pagestorm. */
export type RunVariant = (scenario: Scenario, variant: StrategyVariant) => Promise<StrategyResult>;

/** Wall-clock figures, in seconds: the one part of a comparison that differs between two equal runs. */
export interface Timing {
  readonly seconds: number;
  /** From the start of the comparison to the result, so waiting for a free worker counts too. */
  readonly strategies: readonly { readonly name: string; readonly seconds: number }[];
}

/** The same machine, seed and events with each strategy variant. */
export interface Comparison {
  readonly scenario: Scenario;
  /** In the order of the scenario's strategies. */
  readonly results: readonly StrategyResult[];
  readonly expectations: readonly JudgedExpectation[];
  readonly exitStatus: 0 | 1;
  readonly timing: Timing;
}

/** A defect of pagestorm that showed itself in the run of one variant. */
export class VariantFailure extends Error {
  override readonly name = "VariantFailure";
  readonly variant: string;

  constructor(variant: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.variant = variant;
  }
}

/** Runs all variants of a scenario. `now` tells milliseconds of wall-clock time. */
export async function compare(
  scenario: Scenario,
  runVariant: RunVariant,
  now: () => number,
): Promise<Comparison> {
  const begun = now();
  const secondsSince = (moment: number): number => (now() - moment) / 1000;
  const runs = scenario.strategies.map(async (variant) => {
    const started = now();
    const result = await runSoundly(scenario, variant, runVariant);
    return { result, seconds: secondsSince(started) };
  });
  const done = await Promise.all(runs);
  const results = done.map(({ result }) => result);
  const expectations = judgeExpectations(scenario, results);
  return {
    scenario,
    results,
    expectations,
    exitStatus: exitStatus(expectations, results),
    timing: {
      seconds: secondsSince(begun),
      strategies: done.map(({ result, seconds }) => ({ name: result.name, seconds })),
    },
  };
}

/** A result whose recount found a broken invariant is no result. */
async function runSoundly(
  scenario: Scenario,
  variant: StrategyVariant,
  runVariant: RunVariant,
): Promise<StrategyResult> {
  let result: StrategyResult;
  try {
    result = await runVariant(scenario, variant);
  } catch (error) {
    throw new VariantFailure(variant.name, error);
  }
  const [broken] = result.checks;
  if (broken !== undefined)
    throw new VariantFailure(variant.name, `a recount after the run disagrees: ${broken}`);
  return result;
}
