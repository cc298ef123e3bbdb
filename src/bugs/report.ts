import Table from "cli-table3";
import { INVARIANTS, type Invariant } from "../../sim/index.ts";
import { wrap } from "../report/index.ts";
import type { BugOutcome, BugRun } from "./bug.ts";
import { bugStories } from "./document.ts";
import { bugStoryText } from "./story-text.ts";

/** Widths that the columns beside the two long ones take, borders included. */
const OTHER_COLUMNS = 60;
/** A title is broken at this width at the least. */
const NARROWEST = 16;

/** The table bug × strategy × fix, at most `columns` wide, and what is not as it must be; below it stories, if asked for. */
export function bugsReport(outcomes: readonly BugOutcome[], columns: number, withStories = false): string {
  const failures = outcomes.flatMap(({ file, failures: found }) =>
    found.length === 0 ? [] : [file, ...found.map((failure) => `  ${failure}`)],
  );
  const rest = Math.max(2 * NARROWEST, columns - OTHER_COLUMNS);
  const title = Math.max(NARROWEST, Math.floor(rest * 0.55));
  const rows = outcomes.flatMap((outcome) => rowsOf(outcome, { title, seen: rest - title }));
  const parts = [
    ...(failures.length > 0 ? [`${failures.join("\n")}\n`] : []),
    ...(rows.length > 0 ? [`${tableOf(rows)}\n`, legend(outcomes)] : []),
    ...(withStories ? bugStories(outcomes).map((story) => bugStoryText(story, columns)) : []),
    summary(outcomes),
  ];
  return parts.join("\n");
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: ["bug", "what it is", "strategy", "promise", "fix off", "fix on"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

function rowsOf(
  { spec, title, variants }: BugOutcome,
  widths: { readonly title: number; readonly seen: number },
): readonly (readonly string[])[] {
  if (!spec) return [];
  const mark = spec.evidence === "hypothesis" ? " (hypothesis)" : "";
  return variants.map(({ strategy, off, on }, index) => [
    index === 0 ? spec.id : "",
    index === 0 ? wrap(`${title}${mark}`, widths.title).join("\n") : "",
    strategy,
    spec.invariants.join(" "),
    off.violated ? harmOf(off) : "HOLDS",
    wrap(fixed(on), widths.seen).join("\n"),
  ]);
}

/** Verdicts that say more than that a promise was broken. */
const TELLING: readonly string[] = ["corrupt", "deadlocked", "out-of-memory"];

function harmOf({ verdict }: BugRun): string {
  return TELLING.includes(verdict) ? `broken,\n${verdict}` : "broken";
}

/** With the fix on: the promise holds, and what was seen to work. */
function fixed({ violated, witnesses }: BugRun): string {
  if (violated) return "BROKEN";
  return `holds: ${witnesses.map(({ what, seen }) => (seen ? what : `NOT: ${what}`)).join(", ")}`;
}

/** The promises that the table names. */
function legend(outcomes: readonly BugOutcome[]): string {
  const named = new Set(outcomes.flatMap(({ spec }) => spec?.invariants ?? []));
  const lines = (Object.keys(INVARIANTS) as Invariant[])
    .filter((invariant) => named.has(invariant))
    .map((invariant) => `  ${invariant}  ${INVARIANTS[invariant]}`);
  return `${lines.join("\n")}\n`;
}

function summary(outcomes: readonly BugOutcome[]): string {
  const good = outcomes.filter(({ failures }) => failures.length === 0).length;
  const told = good === outcomes.length ? "fall with the fix off and hold with it on" : "do as they must";
  return `${good} of ${outcomes.length} bugs ${told}.\n`;
}
