import type { CaseOutcome } from "./case.ts";
import { countByClass, type Suite } from "./suite.ts";

/** A case with its text. */
export interface GalleryCase {
  readonly outcome: CaseOutcome;
  readonly text: string;
}

/** One case of each class that shows how such a demand is written down. */
const EXAMPLES: readonly string[] = ["A-33n", "O-57s", "C-70n", "F-17n", "P-28", "conf2b-imm"];

/** docs/conformance.md: the table, an example of each class, all cases, and what is left out. */
export function galleryPage(suite: Suite, cases: readonly GalleryCase[]): string {
  const examples = EXAMPLES.flatMap((row) => cases.filter(({ outcome }) => outcome.spec?.row === row));
  return `${[
    "# Conformance",
    "",
    "<!-- Written by npm run conformance; do not edit. -->",
    "",
    "What other people's test suites, the kernel source and a real Linux 6.1 demand of swap files, as scenario files in",
    "`workloads/conformance`. `pagestorm conform` runs them; a new case is one more file and needs no TypeScript. Rows",
    "marked *ours* are demanded by nobody but pagestorm.",
    "",
    ...table(suite),
    "",
    "## An example of each class",
    "",
    ...examples.flatMap(example),
    "## All cases",
    "",
    "| row | case | demanded by | must | result |",
    "|---|---|---|---|---|",
    ...suite.cases.map(caseLine),
    "",
    "## Left out",
    "",
    "| row | class | reason |",
    "|---|---|---|",
    ...suite.leftOut.map(({ row, class: name, reason }) => `| ${cell(row)} | ${name} | ${cell(reason)} |`),
  ].join("\n")}\n`;
}

function table(suite: Suite): readonly string[] {
  const rows = countByClass(suite).map(
    ({ class: name, pass, fail, notModelled }) => `| ${name} | ${pass} | ${fail} | ${notModelled} |`,
  );
  return ["| class | pass | fail | not modelled |", "|---|--:|--:|--:|", ...rows];
}

function example({ outcome, text }: GalleryCase): readonly string[] {
  const { spec, name, steps } = outcome;
  const answers = steps
    .filter(({ expected }) => expected.length > 0)
    .map(({ id, strategy, expected, got, achieved }) => {
      return `| ${cell(id)} | ${strategy} | ${expected.join(" or ")} | ${got} | ${cell(achieved)} |`;
    });
  return [
    `### ${spec?.class}: ${name} (${spec?.row})`,
    "",
    `Given ${spec?.given}: ${spec?.must}. Demanded by: ${spec?.source}.`,
    "",
    "```yaml",
    text.trimEnd(),
    "```",
    "",
    ...(answers.length === 0
      ? []
      : ["| step | strategy | expected | got | |", "|---|---|---|---|---|", ...answers, ""]),
    `Verdicts: ${Object.entries(outcome.verdicts)
      .map(([strategy, verdict]) => `${strategy} ${verdict}`)
      .join(", ")}.`,
    "",
  ];
}

function caseLine({ spec, name, file, failures }: CaseOutcome): string {
  const source = `${spec?.source ?? ""}${spec?.ours ? " (*ours*)" : ""}`;
  const result = failures.length === 0 ? "pass" : "**fail**";
  return `| ${cell(spec?.row ?? file)} | ${cell(name)} | ${cell(source)} | ${cell(spec?.must ?? "")} | ${result} |`;
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
