import Table from "cli-table3";
import { formatMany, hang } from "../report/format.ts";
import { generationExplained } from "../report/generation.ts";
import { changedExtents } from "./changed-extents.ts";
import type { CounterExampleDocument } from "./counter-example.ts";
import { bestOf, type Exploration, missingWitness, upperBound95, verdictOf } from "./document.ts";
import { type FixMatrix, matrixTable } from "./fix-matrix.ts";
import { interleavingText, MAIL_WIDTH } from "./interleaving.ts";
import type { SearchOutcome } from "./job.ts";
import { staleFact } from "./stale-fact.ts";
import { waitSentences } from "./waits.ts";

/** The exploration for a terminal: the interleaving first, then the evidence, then what was covered. */
export function exploreReport(exploration: Exploration): string {
  const best = bestOf(exploration);
  const parts = [
    best?.counterExample ? counterExampleText(best.counterExample) : "",
    `${exploration.strategy}: ${verdictSentence(exploration)}\n`,
    table(coverageTable(exploration), LAST_WIDTHS),
    ...(exploration.matrix ? [matrixText(exploration.matrix)] : []),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** What the same search finds with other things broken, and with other strategies. */
function matrixText(matrix: FixMatrix): string {
  const { search, schedules } = matrix;
  return `The same search (${search}), at most ${schedules} schedules:\n${table(matrixTable(matrix))}`;
}

/** A counter-example by itself, to be pasted into a mail. */
export function counterExampleText(example: CounterExampleDocument): string {
  const { invariant, what, rows, switchesAfter, provablyShortest, because, without, replay } = example;
  const marked = switchesAfter === 0 ? "" : " (marked *)";
  const size = `${formatMany(rows.length, "step")}, ${formatMany(switchesAfter, "switch", "switches")}${marked}`;
  const shortest = provablyShortest ? ", provably the shortest" : "";
  const extents = changedExtents(example.before, example.after).flatMap(({ file, before, after }) =>
    hang(`${file}: ${before} -> ${after}`, MAIL_WIDTH, 2),
  );
  return [
    interleavingText(rows),
    ...hang(`${invariant} is violated: ${what}.`, MAIL_WIDTH),
    ...generationExplained(what).flatMap((line) => hang(line, MAIL_WIDTH)),
    ...hang(`${size}${shortest}.`, MAIL_WIDTH),
    ...whyItWasPossible(example),
    ...(extents.length === 0 ? [] : ["", "Extents (logical address+length, bytes):", ...extents]),
    ...(because.length === 0
      ? []
      : ["", "How the bytes got there:", ...because.flatMap((line) => hang(line, MAIL_WIDTH, 2))]),
    ...(without.length === 0 ? [] : ["", ...hang(`Not needed: ${without.join(", ")}.`, MAIL_WIDTH)]),
    "",
    "Repeat it:",
    `  pagestorm replay '${replay}'`,
    "",
  ].join("\n");
}

/** Of a standstill who waits for whom, which is no matter of what somebody knew; else the fact that went stale. */
function whyItWasPossible({ invariant, rows, waits, because }: CounterExampleDocument): readonly string[] {
  if (invariant !== "I5") {
    const stale = staleFact(rows, because);
    return stale === undefined ? [] : ["", ...hang(`Stale fact: ${stale}`, MAIL_WIDTH)];
  }
  const sentences = waitSentences(waits);
  if (sentences.length === 0) return [];
  return ["", "Who waits for whom:", ...sentences.flatMap((line) => hang(line, MAIL_WIDTH, 2))];
}

/** The verdict with its reason, for a line that already says of what. */
export function verdictSentence(exploration: Exploration): string {
  switch (verdictOf(exploration)) {
    case "violated":
      return "violated.";
    case "safe":
      return `no violation in any schedule ${within(exploration)}.`;
    case "not violated":
      return "no violation found; the search was not complete.";
    default:
      return `inconclusive: ${missingWitness(exploration)}.`;
  }
}

/** Up to which bound everything was tried. */
function within({ searches }: Exploration): string {
  const bounds = searches.filter(({ exhaustive, explored }) => exhaustive && explored.complete);
  const highest = Math.max(...bounds.map(({ explored }) => explored.bound));
  return Number.isFinite(highest) ? `with up to ${formatMany(highest, "preemption")}` : "at all";
}

/** What each search has covered, under a head. */
export function coverageTable({ searches }: Exploration): readonly (readonly string[])[] {
  const head = [
    "search",
    "schedules",
    "cut",
    "steps/s",
    "classes",
    "pairs",
    "new/k",
    "covered",
    "found, then shrunk",
  ];
  return [head, ...searches.map(lineOf)];
}

function lineOf(outcome: SearchOutcome): readonly string[] {
  const { search, exhaustive, explored, schedulesToFirst, timing } = outcome;
  const { schedules, cut, steps, classes, pairs, newPairs } = explored;
  const rate = timing.searchMs > 0 ? Math.round((steps / timing.searchMs) * 1000) : 0;
  const limit = upperBound95(outcome);
  const sampled = limit === null ? "sampled" : `at most ${limit.toPrecision(2)} violate (95 %)`;
  return [
    search,
    String(schedules),
    `${Math.round((100 * cut) / Math.max(1, schedules))} %`,
    String(rate),
    String(classes),
    String(pairs),
    String(newPairs.at(-1) ?? 0),
    exhaustive ? reached(explored) : sampled,
    schedulesToFirst === undefined
      ? STOPPED[outcome.stopped ?? "never"]
      : `${schedulesToFirst} in ${seconds(timing.searchMs)}, then ${seconds(timing.shrinkMs)}`,
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const STOPPED = { never: "-", found: "- (another one has)", interrupted: "- (interrupted)" } as const;

/** How far an exhaustive search has come. */
function reached({ bound, share, complete }: SearchOutcome["explored"]): string {
  const all = bound < 0 ? "" : Number.isFinite(bound) ? `all up to bound ${bound}` : "all";
  if (complete || !Number.isFinite(bound)) return all;
  if (share === undefined) return bound < 0 ? "not finished" : all;
  const part = `about ${Math.floor(100 * share)} % of bound ${bound + 1}`;
  return all === "" ? part : `${all}, ${part}`;
}

/** Wide enough for most of what stands in the last two columns, so that the whole fits 100 columns. */
const LAST_WIDTHS = [21, 18];

function table(rows: readonly (readonly string[])[], lastWidths: readonly number[] = []): string {
  const [head = [], ...body] = rows;
  const free = head.length - lastWidths.length;
  const made = new Table({
    head: [...head],
    colWidths: [...Array.from({ length: free }, () => null), ...lastWidths],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const row of body) made.push([...row]);
  return `${made.toString()}\n`;
}
