import { type CollectedRows, collectRows, type MeasuredRow, type MeasurementFile } from "./collect.ts";
import { approximations, missingFeatures } from "./features.ts";
import type { MeasuredMachine } from "./measured-machine.ts";
import { type Counters, PHASES, type PhaseName } from "./measurements.ts";
import type { RowRun } from "./run-row.ts";
import { type GroupScore, isWithinBounds, nearest, type ScoredPhase, scoreAll } from "./score.ts";

/** Simulates one row somewhere; rejects if the simulator has a defect. */
export type RunRow = (id: string, machine: MeasuredMachine) => Promise<RowRun>;

/** One phase of a row, held against the nearest measurement. */
export interface ComparedPhase {
  readonly phase: PhaseName;
  readonly simulated: Counters | undefined;
  /** Undefined if the phase was not measured. */
  readonly measured: Counters | undefined;
}

/** A row and what became of it. */
export type JudgedRow = { readonly row: MeasuredRow } & (
  | { readonly outcome: "compared"; readonly phases: readonly ComparedPhase[] }
  | { readonly outcome: "skipped"; readonly reason: string }
  /** It ran and its figures mean nothing; counts as unanswered. */
  | { readonly outcome: "failed"; readonly reason: string; readonly phases: readonly ComparedPhase[] }
);

/** A defect of the simulator that showed itself in one row. */
export interface RowDefect {
  readonly id: string;
  readonly error: unknown;
}

export interface Validation {
  readonly rows: readonly JudgedRow[];
  readonly groups: readonly GroupScore[];
  /** Undefined if nothing was compared. */
  readonly withinBounds: boolean | undefined;
  /** Rows by what the model lacks for them; one row may lack several things. */
  readonly skips: ReadonlyMap<string, number>;
  /** Simulated rows by what is only approximated. */
  readonly approximated: ReadonlyMap<string, number>;
  /** Everything that is wrong with lines and rows, for people. */
  readonly problems: readonly string[];
  readonly defects: readonly RowDefect[];
  readonly strays: number;
}

/**
 * Reads the files, runs every row that the model can do, and compares. `only` keeps rows by their id; the mechanisms
 * `without` are left out of the model.
 */
export async function validate(
  files: readonly MeasurementFile[],
  only: (id: string) => boolean,
  run: RunRow,
  without: readonly string[] = [],
): Promise<Validation> {
  const collected = collectRows(files);
  const wanted = collected.rows.filter(({ inputs }) => only(inputs.id));
  const defects: RowDefect[] = [];
  const rows = await Promise.all(
    wanted.map((row) => judgeRow({ ...row, machine: { ...row.machine, without } }, run, defects)),
  );
  return summarize(collected, rows, defects);
}

async function judgeRow(row: MeasuredRow, run: RunRow, defects: RowDefect[]): Promise<JudgedRow> {
  const { id } = row.inputs;
  try {
    return compareRow(row, await run(id, row.machine));
  } catch (error) {
    defects.push({ id, error });
    return failed(row, "pagestorm has a defect");
  }
}

/** Holds the simulation of a row against its measurements. */
export function compareRow(row: MeasuredRow, run: RowRun): JudgedRow {
  if (run.kind === "skipped") return { row, outcome: "skipped", reason: run.reason };
  if (run.failure !== null) return failed(row, run.failure);
  const wrongHash = whyOtherAccesses(row, run.traceHashes);
  if (wrongHash !== undefined) return failed(row, wrongHash);
  const byName = new Map(run.phases.map(({ name, counters }) => [name, counters]));
  return { row, outcome: "compared", phases: comparePhases(row, (phase) => byName.get(phase)) };
}

function whyOtherAccesses({ traceHashes }: MeasuredRow, made: readonly string[]): string | undefined {
  const process = traceHashes.findIndex((hash, index) => hash !== undefined && hash !== made[index]);
  if (process < 0) return undefined;
  return `trace_hash of process ${process}: found ${made[process]}, expected ${traceHashes[process]}`;
}

function failed(row: MeasuredRow, reason: string): JudgedRow {
  return { row, outcome: "failed", reason, phases: comparePhases(row, () => undefined) };
}

function comparePhases(
  { measurements }: MeasuredRow,
  simulatedIn: (phase: PhaseName) => Counters | undefined,
): readonly ComparedPhase[] {
  return PHASES.map((phase) => {
    const simulated = simulatedIn(phase);
    return { phase, simulated, measured: nearest(simulated, measurements, phase) };
  });
}

function summarize(
  { problems, strays }: CollectedRows,
  rows: readonly JudgedRow[],
  defects: readonly RowDefect[],
): Validation {
  const scored = rows.flatMap(scoredPhases);
  const groups = scoreAll(scored);
  const skipped = rows.filter(({ outcome }) => outcome === "skipped");
  const simulated = rows.filter(({ outcome }) => outcome !== "skipped");
  const failures = rows.flatMap((judged) =>
    judged.outcome === "failed" ? [`${judged.row.inputs.id}: ${judged.reason}`] : [],
  );
  return {
    rows,
    groups,
    withinBounds:
      groups.length === 0
        ? undefined
        : isWithinBounds(groups, {
            all: rows.length,
            skipped: skipped.length,
            unanswered: scored.filter((phase) => phase.simulated === undefined).length,
          }),
    skips: tally(skipped.flatMap(({ row }) => missingFeatures(row.machine))),
    approximated: tally(simulated.flatMap(({ row }) => approximations(row.machine))),
    problems: [...problems, ...failures],
    defects,
    strays,
  };
}

/** The phases of a row that can be scored: it was measured and not skipped. */
function scoredPhases(judged: JudgedRow): readonly ScoredPhase[] {
  if (judged.outcome === "skipped") return [];
  const { id, config } = judged.row.inputs;
  const { mode, lru, backend } = config;
  return judged.phases.flatMap(({ phase, simulated, measured }) =>
    measured ? [{ id, phase, mode, lru, backend, simulated, measured }] : [],
  );
}

/** How often each word comes, the most frequent first. */
function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}
