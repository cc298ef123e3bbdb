import type { Counters, PhaseName } from "./measurements.ts";
import { PHASES } from "./measurements.ts";
import { groupOf, JUDGED } from "./score.ts";
import type { JudgedRow, Validation } from "./validate.ts";

/** One phase of a row in the JSON document. */
export type PhaseEntry = { readonly id: string; readonly phase: PhaseName } & (
  | {
      /** Mode and LRU of the row. */
      readonly group: string;
      readonly simulated: Counters;
      readonly measured: Counters | null;
      /** Which of its courses the machine took; only of the first fill of a whole machine. */
      readonly course?: string;
    }
  | { readonly skipped: string }
  | { readonly failed: string }
);

/** The JSON document of `pagestorm validate`. */
export interface ValidationDocument {
  readonly schema: "pagestorm/validate/1";
  readonly rows: readonly PhaseEntry[];
  readonly counters: readonly CounterEntry[];
  /** Null if nothing was compared. */
  readonly withinBounds: boolean | null;
  /** What the model lacks, and for how many rows. */
  readonly notModelled: Counters;
  /** What is only approximated, and in how many rows. */
  readonly approximated: Counters;
}

/** One line of the table. Errors are shares: 0.01 is one percent. */
interface CounterEntry {
  readonly group: string;
  readonly counter: string;
  readonly class: "A" | "B";
  readonly pairs: number;
  readonly median: number;
  readonly p90: number;
  readonly withinBounds: boolean;
  readonly worst: {
    readonly id: string;
    readonly phase: PhaseName;
    readonly error: number;
    readonly simulated: number;
    readonly measured: number;
  };
}

/** The document of a validation. Keys stand in a fixed order, so equal runs give equal bytes. */
export function validationDocument(validation: Validation): ValidationDocument {
  const { rows, groups, withinBounds, skips, approximated } = validation;
  return {
    schema: "pagestorm/validate/1",
    rows: rows.flatMap(entriesOf),
    counters: groups.flatMap(({ group, counters }) =>
      counters.map(({ counter, class: kind, pairs, median, p90, good, worst }) => {
        const { id, phase, error, simulated, measured } = worst;
        const named = { id, phase, error, simulated, measured };
        return { group, counter, class: kind, pairs, median, p90, withinBounds: good, worst: named };
      }),
    ),
    withinBounds: withinBounds ?? null,
    notModelled: Object.fromEntries(skips),
    approximated: Object.fromEntries(approximated),
  };
}

function entriesOf(judged: JudgedRow): readonly PhaseEntry[] {
  const { id, config } = judged.row.inputs;
  if (judged.outcome === "skipped") return PHASES.map((phase) => ({ id, phase, skipped: judged.reason }));
  if (judged.outcome === "failed") return PHASES.map((phase) => ({ id, phase, failed: judged.reason }));
  return judged.phases.map(({ phase, simulated, measured }) => {
    // A phase without counters would have made the row fail.
    const counters = simulated ?? {};
    const course = phase === "init" && config.mode === "global" ? { course: courseOf(counters) } : {};
    const compared = measured ? sameNames(measured, counters) : null;
    return { id, phase, group: groupOf(config), simulated: counters, measured: compared, ...course };
  });
}

/** Pages that one run of kswapd for the DMA zone alone passes over, about: those of the other zone. */
const ONE_PASS = 23_000;

/** How often kswapd worked for the DMA zone alone in the first fill, by the pages that it passed over. */
function courseOf(counters: Counters): string {
  const passes = Math.round((counters["pgskip"] ?? 0) / ONE_PASS);
  if (passes === 0) return "no boosted run passes over other pages";
  return passes === 1
    ? "one boosted run passes over all other pages"
    : `${passes} boosted runs pass over all other pages`;
}

/** Of all that was measured, what can be compared: a counter that a file leaves out stood still. */
function sameNames(measured: Counters, simulated: Counters): Counters {
  const names = new Set([...JUDGED, ...Object.keys(simulated)]);
  return Object.fromEntries([...names].map((name) => [name, measured[name] ?? 0]));
}
