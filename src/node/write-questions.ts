import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  brokenPremises,
  type Evidence,
  type Question,
  readBook,
  stepsText,
  tableRows,
  tableText,
} from "../questions/index.ts";
import { writeAtomically } from "./files.ts";

/** `npm run questions`: runs what answers the questions of workloads/questions and writes docs/questions.md. */
const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const text = (name: string): string => readFileSync(path(name), "utf8");

const TITLE = `# Questions that people ask

Written by \`npm run questions\` from \`workloads/questions\`: each question, an answer in words, and what it rests on: a
command with what it printed, or a table of a scenario in which one thing is varied. The machines are small, so that each
runs in seconds; make them as large as yours.
`;

async function evidenceText(evidence: Evidence): Promise<string> {
  if ("command" in evidence) return commandText(evidence);
  if ("steps" in evidence) {
    const file = `workloads/questions/${evidence.steps}`;
    return `\`${file}\`, what its steps answer:\n\n${await stepsText(text(file))}`;
  }
  const { table } = evidence;
  const file = `workloads/questions/${table.scenario}`;
  const rows = await tableRows(text(file), table);
  const broken = brokenPremises(rows, table);
  if (broken.length > 0) throw new Error(`${file}: ${broken.join("; ")}`);
  const varied = table.vary === undefined ? "its strategies" : `${table.vary} varied`;
  return `\`${file}\`, ${varied}:\n\n${tableText(rows, table)}`;
}

function commandText({
  command,
  keep,
  status: expected = 0,
}: Extract<Evidence, { command: string }>): string {
  const [, ...args] = command.split(" ");
  const options = { encoding: "utf8", cwd: path(".") } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path("dist/cli/main.js"), ...args],
    options,
  );
  if (status !== expected) throw new Error(`${command}: exit status ${status}: ${stderr}${stdout}`);
  const lines = stdout.trim().split("\n");
  const shown = keep ? lines.filter((line) => keep.some((part) => line.includes(part))) : lines;
  if (shown.length === 0) throw new Error(`${command}: printed nothing of what is to be kept`);
  const fence = "```";
  return [fence, `$ ${command}${keep ? "   # in part" : ""}`, ...shown, fence].join("\n");
}

/** `number` is that of the chapter and of the question in it: 1.1. */
async function questionText(number: string, { question, answer, evidence }: Question): Promise<string> {
  const shown: string[] = [];
  for (const one of evidence) shown.push(await evidenceText(one));
  return [`### ${number} ${question}`, answer.trim(), ...shown].join("\n\n");
}

const book = readBook("workloads/questions/book.yaml", text("workloads/questions/book.yaml"));
if ("problem" in book) throw new Error(book.problem);
const parts: string[] = [];
for (const [chapter, { title, questions }] of book.chapters.entries()) {
  parts.push(`## ${title}`);
  for (const [at, question] of questions.entries())
    parts.push(await questionText(`${chapter + 1}.${at + 1}`, question));
}
writeAtomically(path("docs/questions.md"), `${TITLE}\n${parts.join("\n\n")}\n`);
