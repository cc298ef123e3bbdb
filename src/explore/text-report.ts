import type { CounterExampleDocument } from "./counter-example.ts";
import { bestOf, type Exploration, isComplete, missingWitness, upperBound95, verdictOf } from "./document.ts";
import { interleavingText } from "./interleaving.ts";
import type { SearchOutcome } from "./job.ts";
import { staleFact } from "./stale-fact.ts";

/** The exploration for a terminal: the interleaving first, then the evidence, then what was covered. */
export function exploreReport(exploration: Exploration): string {
  const best = bestOf(exploration);
  const parts = [
    best?.counterExample ? counterExampleText(best.counterExample) : "",
    verdictText(exploration),
    table(coverageTable(exploration)),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** A counter-example by itself, to be pasted into a mail. */
export function counterExampleText(example: CounterExampleDocument): string {
  const { invariant, what, rows, switchesAfter, provablyShortest, because, without, replay } = example;
  const size = `${rows.length} steps, ${count(switchesAfter, "switch", "switches")}`;
  const shortest = provablyShortest ? ", provably the shortest" : "";
  const stale = staleFact(rows);
  const extents = changedExtents(example);
  return [
    interleavingText(rows),
    ...fold(`${invariant} is violated: ${what}.`),
    ...fold(`${size}${shortest}.`),
    ...(stale === undefined ? [] : ["", ...fold(`Stale fact: ${stale}`)]),
    ...(extents.length === 0 ? [] : ["", "Extents (logical address+length, bytes):", ...extents]),
    ...(because.length === 0
      ? []
      : ["", "How the bytes got there:", ...because.flatMap((line) => fold(line, "  "))]),
    ...(without.length === 0 ? [] : ["", ...fold(`Not needed: ${without.join(", ")}.`)]),
    "",
    "Repeat it:",
    `  pagestorm replay '${replay}'`,
    "",
  ].join("\n");
}

/** Rows of the extent map that are not what they were. */
function changedExtents({ before, after }: CounterExampleDocument): readonly string[] {
  return Object.keys({ ...before, ...after })
    .filter((about) => about.startsWith("extents of ") && before[about] !== after[about])
    .flatMap((about) =>
      fold(`${about.slice(11)}: ${before[about] ?? "none"} -> ${after[about] ?? "none"}`, "  "),
    );
}

/** The verdict in one line. */
export function verdictText(exploration: Exploration): string {
  const { strategy } = exploration;
  switch (verdictOf(exploration)) {
    case "violated":
      return `${strategy}: violated.\n`;
    case "safe":
      return `${strategy}: no violation ${isComplete(exploration) ? `in any schedule ${within(exploration)}` : "found; the search was not complete"}.\n`;
    default:
      return `${strategy}: inconclusive: ${missingWitness(exploration)}.\n`;
  }
}

/** Up to which bound everything was tried. */
function within({ searches }: Exploration): string {
  const bounds = searches.filter(({ exhaustive, explored }) => exhaustive && explored.complete);
  const highest = Math.max(...bounds.map(({ explored }) => explored.bound));
  return Number.isFinite(highest) ? `with up to ${count(highest, "preemption", "preemptions")}` : "at all";
}

/** What each search has covered, under a head. */
export function coverageTable({ searches }: Exploration): readonly (readonly string[])[] {
  const head = ["search", "schedules", "steps/s", "classes", "pairs", "new/1000", "covered", "first found"];
  return [head, ...searches.map(lineOf)];
}

function lineOf({
  search,
  exhaustive,
  explored,
  schedulesToFirst,
  timing,
}: SearchOutcome): readonly string[] {
  const { schedules, steps, classes, pairs, bound, complete, newPairs } = explored;
  const rate = timing.searchMs > 0 ? Math.round((steps / timing.searchMs) * 1000) : 0;
  const limit = upperBound95(schedules, schedulesToFirst !== undefined);
  const reached =
    bound < 0 ? "bound 0 not finished" : Number.isFinite(bound) ? `all up to bound ${bound}` : "all";
  const sampled = limit === null ? "sampled" : `at most ${limit.toPrecision(2)} violate (95 %)`;
  return [
    search,
    String(schedules),
    String(rate),
    String(classes),
    String(pairs),
    String(newPairs.at(-1) ?? 0),
    exhaustive ? (complete || bound >= 0 ? reached : "bound 0 not finished") : sampled,
    schedulesToFirst === undefined
      ? "-"
      : `schedule ${schedulesToFirst}, ${(timing.searchMs / 1000).toFixed(1)} s, shrunk in ${(timing.shrinkMs / 1000).toFixed(1)} s`,
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** Lines of at most 72 characters. */
function fold(text: string, indent = ""): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > 72 && line.trim() !== "") {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else {
      line = line.trim() === "" ? line + word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
