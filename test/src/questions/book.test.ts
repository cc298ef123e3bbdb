import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import {
  brokenPremises,
  type Evidence,
  readBook,
  stepsText,
  tableRows,
  tableText,
} from "../../../src/questions/index.ts";
import { parseScenario } from "../../../src/scenario/index.ts";

const ROOT = `${import.meta.dirname}/../../..`;
const FOLDER = `${ROOT}/workloads/questions`;
const text = (file: string): string => readFileSync(`${FOLDER}/${file}`, "utf8");
const read = readBook("book.yaml", text("book.yaml"));
const chapters = "chapters" in read ? read.chapters : [];
const questions = chapters.flatMap((chapter) => chapter.questions);
const scenarios = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml") && name !== "book.yaml");

/** Scenarios that a piece of evidence runs. */
function scenariosOf(evidence: Evidence): readonly string[] {
  if ("table" in evidence) return [evidence.table.scenario];
  if ("steps" in evidence) return [evidence.steps];
  return /workloads\/questions\/(\S+\.yaml)/.exec(evidence.command)?.slice(1) ?? [];
}

describe("the book of questions", () => {
  it("can be read", () => {
    expect(read).toEqual({ chapters: expect.any(Array) });
  });

  it("is asked by developers, distributions, whoever runs servers, and students", () => {
    expect(chapters.map((chapter) => chapter.questions.length)).toEqual([8, 9, 10, 7]);
    expect(new Set(questions.map(({ question }) => question)).size).toBe(questions.length);
  });

  it("answers none without evidence", () => {
    for (const { answer, evidence } of questions)
      expect(Math.min(answer.length, evidence.length * 30)).toBeGreaterThan(20);
  });

  it("uses every scenario beside it, and each can be run", () => {
    const used = new Set(questions.flatMap(({ evidence }) => evidence.flatMap(scenariosOf)));
    expect([...used].toSorted()).toEqual(scenarios.toSorted());
    for (const file of scenarios) {
      const { problems } = parseScenario({
        file,
        text: text(file),
        catalogue,
        readTrace: () => ({ found: "a trace", expected: "none" }),
      });
      expect(problems).toBeUndefined();
    }
  });

  it("is what docs/questions.md was written from", () => {
    const page = readFileSync(`${ROOT}/docs/questions.md`, "utf8");
    for (const [chapter, { title, questions: asked }] of chapters.entries()) {
      expect(page).toContain(`## ${title}\n`);
      for (const [at, { question, answer }] of asked.entries()) {
        expect(page).toContain(`### ${chapter + 1}.${at + 1} ${question}\n`);
        expect(page).toContain(answer.trim());
      }
    }
  });

  it("names the place of a mistake", () => {
    const broken = text("book.yaml").replace(/\?$/m, "!");
    expect(readBook("book.yaml", broken)).toEqual({
      problem: expect.stringMatching(/^book\.yaml: 0\.questions\.0\.question: /),
    });
  });
});

describe("a table of the book", () => {
  const spec = {
    scenario: "swapoff.yaml",
    vary: "filesystem.data",
    values: ["single", "raid1"],
    columns: { swapon: "operations.swapon.result", "at the end": "recording.gauges.freePages.last" },
  };

  it("has a row for each value, with what stands in the result", async () => {
    const rows = await tableRows(text("profiles.yaml"), spec);
    expect(rows.map(({ label, values }) => [label, values[0]])).toEqual([
      ["single", "ok"],
      ["raid1", "EINVAL"],
    ]);
    expect(tableText(rows, spec).split("\n").slice(0, 3)).toEqual([
      "| filesystem.data | swapon | at the end |",
      "|---|--:|--:|",
      expect.stringMatching(/^\| single \| ok \| [0-9,]+ \|$/),
    ]);
  });

  it("holds its answer to what the columns do", () => {
    const rows = [1, 5, 3].map((value) => ({ label: String(value), values: ["ok", value] }));
    const must = (way: "rises" | "falls") => brokenPremises(rows, { ...spec, must: { "at the end": way } });
    expect(must("rises")).toEqual([]);
    expect(must("falls")).toEqual(["at the end goes from 1 to 3, and the answer says that it falls"]);
  });

  it("tells what named steps answered, and why", async () => {
    expect(await stepsText(text("snapshot-tools.yaml"))).toContain(
      "| snapshot of the root | ETXTBSY | cannot snapshot subvolume with active swapfile |",
    );
  });
});
