import { type MeasuredMachine, measuredMachine } from "./measured-machine.ts";
import { type Measurement, measurementOf, traceHashesOf } from "./measurements.ts";
import { parseLine } from "./parse-line.ts";
import type { RowInputs } from "./row.ts";

/** A file of measurements, unpacked. */
export interface MeasurementFile {
  readonly name: string;
  readonly text: string;
  /** Not named by the user but found beside a file: only what it repeats of the rows at hand counts. */
  readonly foundBeside?: boolean;
}

/** A row with everything that was measured of it. */
export interface MeasuredRow {
  readonly inputs: RowInputs;
  readonly machine: MeasuredMachine;
  /** The measurement of its own line first, then those of other lines; empty phases are not in them. */
  readonly measurements: readonly Measurement[];
  /** By process, where the measured program told them. */
  readonly traceHashes: readonly (string | undefined)[];
}

export interface CollectedRows {
  readonly rows: readonly MeasuredRow[];
  /** What is wrong with which line. */
  readonly problems: readonly string[];
  /** Further measurements of rows that are in none of the files. */
  readonly strays: number;
}

/** Reads all files. Bad lines are named and the others count. */
export function collectRows(files: readonly MeasurementFile[]): CollectedRows {
  const collection = new Collection();
  for (const { name, text, foundBeside = false } of files) {
    text.split("\n").forEach((line, index) => {
      if (line.trim() !== "") collection.addLine(line, `${name}:${index + 1}`, foundBeside);
    });
  }
  return collection.finish();
}

interface GrowingRow extends MeasuredRow {
  readonly measurements: Measurement[];
  readonly at: string;
}

class Collection {
  /** By id. */
  readonly #rows = new Map<string, GrowingRow>();
  readonly #reruns: {
    readonly id: string;
    readonly measurement: Measurement;
    readonly foundBeside: boolean;
  }[] = [];
  readonly #problems: string[] = [];

  addLine(line: string, at: string, foundBeside: boolean): void {
    const parsed = parseLine(line);
    switch (parsed.kind) {
      case "damaged":
        this.#problems.push(`${at}: ${parsed.problem}`);
        return;
      case "rerun":
        this.#reruns.push({ id: parsed.id, measurement: measurementOf(parsed.outcomes), foundBeside });
        return;
      case "row":
        if (foundBeside) return;
        this.#addRow(parsed.inputs, measurementOf(parsed.outcomes), traceHashesOf(parsed.outcomes), at);
    }
  }

  #addRow(
    inputs: RowInputs,
    measurement: Measurement,
    traceHashes: MeasuredRow["traceHashes"],
    at: string,
  ): void {
    const before = this.#rows.get(inputs.id);
    if (before) {
      this.#problems.push(`${at}: id: found "${inputs.id}" again, it is already that of ${before.at}`);
      return;
    }
    const machine = measuredMachine(inputs);
    if (typeof machine === "string") {
      this.#problems.push(`${at}: ${machine}`);
      return;
    }
    this.#rows.set(inputs.id, { inputs, machine, measurements: [measurement], traceHashes, at });
  }

  /** Reruns may stand before their row, so they are handed out last. */
  finish(): CollectedRows {
    let strays = 0;
    for (const { id, measurement, foundBeside } of this.#reruns) {
      const row = this.#rows.get(id);
      if (row) row.measurements.push(measurement);
      else if (!foundBeside) strays++;
    }
    return { rows: [...this.#rows.values()], problems: this.#problems, strays };
  }
}
