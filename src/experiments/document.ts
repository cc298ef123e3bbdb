import type { OperationReport, StrategyResult, Violation } from "../../sim/index.ts";
import type { Comparison } from "./compare.ts";

/**
 * The JSON document of `run` and `compare`. Its keys stand in a fixed order, so equal runs give equal bytes;
 * `withTiming` adds the wall-clock figures, which never are equal.
 */
export function toJson(comparison: Comparison, command: "run" | "compare", withTiming: boolean): string {
  const { scenario, results, expectations, timing } = comparison;
  const document = {
    schema: `pagestorm/${command}/1`,
    scenario: scenario.name,
    seed: scenario.seed,
    strategies: results.map(strategyOf),
    expectations: expectations.map(({ what, held }) => ({ what, held })),
    ...(withTiming ? { timing } : {}),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** One variant. `space` is null where there is no filesystem, so that the field is always there. */
function strategyOf(result: StrategyResult): object {
  return {
    name: result.name,
    verdict: result.verdict,
    violations: result.violations.map(violationOf),
    totals: result.totals,
    counters: result.counters,
    faultLatencyNs: result.faultLatencyNs,
    operations: result.operations.map(operationOf),
    psi: result.psi,
    space: result.space ?? null,
    witnesses: result.witnesses,
    simulatedNs: result.simulatedNs,
    fingerprint: result.fingerprint,
  };
}

/** Fields are listed one by one: what the simulator adds later must not slip into the contract. */
function violationOf({ class: kind, at, what, got, expected, because }: Violation): object {
  return { class: kind, at, what, got, expected, because };
}

function operationOf({ id, do: name, at, result, achieved, skipped }: OperationReport): object {
  return { id, do: name, at, result, achieved, skipped };
}
