import Table from "cli-table3";
import { formatDuration, wrap } from "../report/format.ts";
import type { BenchResult } from "./measure.ts";

/** Width of the explanations under the table. */
const LEGEND_COLUMNS = 98;

/** On what the figures were measured. */
export interface BenchMachine {
  readonly cpu: string;
  readonly cpus: number;
  readonly runtime: string;
  readonly system: string;
}

/** The JSON document: figures are wall-clock or CPU time and differ from run to run. */
export function benchDocument(results: readonly BenchResult[], machine: BenchMachine): object {
  return {
    schema: "pagestorm/bench/1",
    results: results.map(
      ({ name, unit, median, least, reference, referenceMedian, ratio, goal, met, note }) => ({
        name,
        ...(unit === "ns" ? { nsPerOp: median, nsPerOpLeast: least } : { bytesPerPage: median }),
        reference,
        [unit === "ns" ? "referenceNsPerOp" : "referenceBytesPerPage"]: referenceMedian,
        ratio,
        goal,
        met,
        note,
      }),
    ),
    machine,
  };
}

/** The results for people, one line each. */
export function benchTable(results: readonly BenchResult[], machine: BenchMachine): string {
  const table = new Table({
    head: ["case", "median", "least", "reference", "ratio", "goal", "met"],
    colAligns: ["left", "right", "right", "right", "right", "left", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const result of results) {
    const { name, median, least, referenceMedian, ratio, met } = result;
    const cost = (value: number): string => costText(result, value);
    table.push([
      name,
      cost(median),
      cost(least),
      cost(referenceMedian),
      ratio.toFixed(2),
      goalText(result),
      met ? "yes" : "NO",
    ]);
  }
  const { cpu, cpus, runtime, system } = machine;
  const legend = results.map(legendOf).join("\n");
  return `${table.toString()}\n\n${legend}\n\n${cpu}, ${cpus} CPUs, ${runtime}, ${system}\n`;
}

/** What was measured, against what, and what one must know of it. */
function legendOf({ name, operation, reference, note }: BenchResult): string {
  const text = wrap(`${operation}; against: ${reference} (${note})`, LEGEND_COLUMNS);
  return [name, ...text.map((line) => `  ${line}`)].join("\n");
}

/** What a case must reach, as text. */
export function goalText(result: BenchResult): string {
  const { goal } = result;
  return "atMost" in goal ? `<= ${costText(result, goal.atMost)}` : `<= ${goal.ratioAtMost} x reference`;
}

/** A cost in the unit of its case. */
export function costText({ unit }: BenchResult, value: number): string {
  return unit === "bytes" ? `${value.toFixed(1)} B` : formatDuration(value);
}
