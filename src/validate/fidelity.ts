import { CALIBRATED } from "./calibration.ts";
import { MECHANISMS } from "./mechanisms.ts";
import type { CounterScore, GroupScore } from "./score.ts";
import type { Validation } from "./validate.ts";

/** A group needs so many pairs of a counter for a percentile to mean something. */
const PAIRS_MIN = 10;
/** Counters told for a mechanism at most, and the smallest change worth telling. */
const TOLD_MAX = 4;
const WORTH_TELLING = 0.005;

/** docs/fidelity.md: how near the model comes, what each mechanism is worth, and what was calibrated. */
export function fidelityDocument(
  whole: Validation,
  without: ReadonlyMap<string, Validation>,
  command: string,
): string {
  const sections = [
    `# Fidelity

Written by \`${command}\`. Errors are computed as \`pagestorm validate\` does: |simulated - measured| as a share of what
was measured, 0 where it is no larger than the real machine's own spread. A cell is median / 90th percentile (pairs).

${fidelityTable(whole)}`,
    `## What each mechanism is worth

Each was left out of the model (\`pagestorm validate FILE --without TOGGLE\`), all rows were run again, and the counters
that moved most are told, by group of rows: error with it, and without.

${MECHANISMS.map(({ toggle, title, text }) => {
  const other = without.get(toggle);
  return `### ${title}\n\n${text}\n\n${other ? effectTable(whole, other, toggle) : ""}`;
}).join("\n")}`,
    `## What was calibrated

Everything that is neither in the rows nor in the kernel's source; one set for all rows (src/validate/calibration.ts).

| what | value | why | fitted on |
|---|---|---|---|
${CALIBRATED.map(({ name, value, why, fittedOn }) => `| ${name} | ${value} | ${why} | ${fittedOn ?? "nothing: set beforehand"} |`).join("\n")}
`,
  ];
  return sections.join("\n");
}

/** The table of all judged counters, over all rows and by group of mode and LRU. */
export function fidelityTable({ groups, withinBounds, rows }: Validation): string {
  const shown = groups.filter(({ group }) => group === "all" || /^(cgroup|global) /.test(group));
  const [all] = shown;
  if (!all) return "Nothing was measured.\n";
  const compared = rows.filter(({ outcome }) => outcome === "compared").length;
  const head = `| counter | class | ${shown.map(({ group }) => group).join(" | ")} |`;
  const lines = all.counters.map(({ counter, class: kind }) => {
    return `| ${counter} | ${kind} | ${shown.map((group) => cell(find(group, counter))).join(" | ")} |`;
  });
  const verdict = withinBounds ? "within the bounds" : "NOT within the bounds";
  return `${[head, `|---|---|${shown.map(() => "---|").join("")}`, ...lines].join("\n")}

${compared} of ${rows.length} rows compared; ${verdict} (class A: median 1 %, 90th percentile 6 %, in a group 3 and 12 %;
class B: 5 and 20 %).
`;
}

function find({ counters }: GroupScore, name: string): CounterScore | undefined {
  return counters.find(({ counter }) => counter === name);
}

function cell(score: CounterScore | undefined): string {
  if (!score) return "-";
  return `${percent(score.median)} / ${percent(score.p90)} (${score.pairs})`;
}

const percent = (share: number): string => (100 * share).toFixed(1);

interface Effect {
  readonly group: string;
  readonly counter: string;
  readonly before: CounterScore;
  readonly after: CounterScore;
}

/** The counters whose errors grew most, median and percentile together. */
function effectTable(whole: Validation, without: Validation, toggle: string): string {
  const effects = whole.groups
    .filter(({ group }) => /^(cgroup|global) /.test(group))
    .flatMap((group) => effectsIn(group, without))
    .filter((effect) => Math.abs(growth(effect)) > WORTH_TELLING)
    .toSorted((a, b) => growth(b) - growth(a));
  if (effects.length === 0)
    return `No error changes by more than ${percent(WORTH_TELLING)} % without it (\`${toggle}\`).\n`;
  const told = effects.slice(0, TOLD_MAX);
  const lines = told.map(({ group, counter, before, after }) => {
    const { worst } = after;
    const example = `${worst.id}/${worst.phase}: ${worst.simulated} against ${worst.measured}`;
    return `| ${group} | ${counter} | ${cell(before)} | ${cell(after)} | ${example} |`;
  });
  return `| rows | counter | with | without (\`${toggle}\`) | worst row without |
|---|---|---|---|---|
${lines.join("\n")}
`;
}

function effectsIn(group: GroupScore, without: Validation): Effect[] {
  const other = without.groups.find((candidate) => candidate.group === group.group);
  return group.counters.flatMap((before) => {
    const after = other && find(other, before.counter);
    if (!after || before.pairs < PAIRS_MIN) return [];
    return [{ group: group.group, counter: before.counter, before, after }];
  });
}

const growth = ({ before, after }: Effect): number => after.median - before.median + (after.p90 - before.p90);
