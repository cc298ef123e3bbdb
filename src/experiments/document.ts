import type { OperationReport, StrategyResult } from "../../sim/index.ts";
import type { Comparison } from "./compare.ts";
import type { ResultDocument, StrategyDocument } from "./result-document.ts";

/**
 * The document of `run` and `compare`. Its keys stand in a fixed order, so equal runs give equal bytes; `withTiming`
 * adds the wall-clock figures, which never are equal.
 */
export function documentOf(
  comparison: Comparison,
  command: "run" | "compare",
  withTiming = false,
): ResultDocument {
  const { scenario, results, expectations, timing } = comparison;
  const { memory, cpus, kernel } = scenario.machine;
  return {
    schema: `pagestorm/${command}/2`,
    scenario: scenario.name,
    seed: scenario.seed,
    machine: { memory, cpus, kernel },
    durationNs: scenario.duration,
    strategies: results.map(strategyOf),
    expectations: expectations.map(({ what, held, got }) => ({ what, held, got })),
    ...(withTiming ? { timing } : {}),
  };
}

/** Fields are listed one by one: what the simulator adds later must not slip into the contract. */
function strategyOf(result: StrategyResult): StrategyDocument {
  return {
    name: result.name,
    verdict: result.verdict,
    reason: result.reason,
    violations: result.violations.map(({ class: kind, at, what, got, expected, because }) => {
      return { class: kind, at, what, got, expected, because };
    }),
    breaches: result.breaches,
    totals: result.totals,
    counters: result.counters,
    faultLatencyNs: result.faultLatencyNs,
    faultTime: result.faultTime,
    operations: result.operations.map(operationOf),
    psi: result.psi,
    space: result.space ?? null,
    witnesses: result.witnesses,
    simulatedNs: result.simulatedNs,
    fingerprint: result.fingerprint,
    log: result.log,
    recording: result.recording,
  };
}

function operationOf(operation: OperationReport): Omit<OperationReport, "log"> {
  const { id, do: name, at, endedAt, result, achieved, skipped } = operation;
  return { id, do: name, at, endedAt, result, achieved, skipped };
}

/** The text of a document: indented, but a list of plain values (a column of samples) is one line. */
export function toJson(document: object): string {
  return `${formatted(document, "")}\n`;
}

function formatted(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object" || item === null)) return JSON.stringify(value);
    return block(
      "[]",
      indent,
      value.map((item) => deeper + formatted(item, deeper)),
    );
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return block(
    "{}",
    indent,
    entries.map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${formatted(item, deeper)}`),
  );
}

function block(brackets: string, indent: string, lines: readonly string[]): string {
  const [open, close] = brackets;
  return lines.length === 0 ? brackets : `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}
