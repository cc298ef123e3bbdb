import Table from "cli-table3";
import { INVARIANTS, type Invariant } from "../../sim/index.ts";
import type { BugOutcome, BugRun } from "./bug.ts";

/** The table bug × strategy × fix, and what is not as it must be. */
export function bugsReport(outcomes: readonly BugOutcome[]): string {
  const failures = outcomes.flatMap(({ file, failures: found }) =>
    found.length === 0 ? [] : [file, ...found.map((failure) => `  ${failure}`)],
  );
  const rows = outcomes.flatMap(rowsOf);
  const parts = [
    ...(failures.length > 0 ? [`${failures.join("\n")}\n`] : []),
    ...(rows.length > 0 ? [`${tableOf(rows)}\n`, legend(outcomes)] : []),
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

function rowsOf({ spec, title, variants }: BugOutcome): readonly (readonly string[])[] {
  if (!spec) return [];
  const mark = spec.evidence === "hypothesis" ? " (hypothesis)" : "";
  return variants.map(({ strategy, off, on }, index) => [
    index === 0 ? spec.id : "",
    index === 0 ? `${title}${mark}` : "",
    strategy,
    spec.invariants.join(" "),
    off.violated ? `broken (${off.verdict})` : "HOLDS",
    fixed(on),
  ]);
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
