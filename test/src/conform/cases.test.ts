import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import {
  type CaseOutcome,
  conformReport,
  junitXml,
  readLeftOut,
  repeatedRows,
  runCase,
} from "../../../src/conform/index.ts";

/** A sample of the suite, and what the suite makes of good and bad cases. `pagestorm conform` runs all of it. */

const SUITE = `${import.meta.dirname}/../../../workloads/conformance`;
const FILES = readdirSync(SUITE, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".yaml"),
);
const CASES = FILES.filter((name) => name !== "left-out.yaml").toSorted();

function run(file: string, change: (text: string) => string = (text) => text): CaseOutcome {
  return runCase({ file, text: change(readFileSync(`${SUITE}/${file}`, "utf8")) }, catalogue);
}

/** Every ninth case, and the two measured sequences with the most steps. */
const SAMPLE = [
  ...CASES.filter((name, index) => index % 9 === 0 && !name.startsWith("C-") && !name.startsWith("P-")),
  "linux-6.1/conf1-swapon-files.yaml",
  "linux-6.1/conf3-ext4-active.yaml",
  // A defragmenter reads while balance moves the extents under it.
  "C-05-balance-with-defrag.yaml",
];

describe("the conformance suite", () => {
  it.each([...new Set(SAMPLE)])("%s passes", (file) => {
    expect(run(file).failures).toEqual([]);
  });

  it("has at least 180 rows of the catalogue, each once, with its id in the name of the file", () => {
    const rows = CASES.filter((name) => !name.includes("/")).map((name) => {
      const [, row] = /^ {2}row: (\S+)$/m.exec(readFileSync(`${SUITE}/${name}`, "utf8"))!;
      expect(name.startsWith(`${row}-`)).toBe(true);
      return row;
    });
    expect(rows.length).toBeGreaterThanOrEqual(180);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it("says of every row that it leaves out why", () => {
    const table = readLeftOut("left-out.yaml", readFileSync(`${SUITE}/left-out.yaml`, "utf8"));
    expect("rows" in table && table.rows.length).toBeGreaterThan(40);
  });
});

const IMMUTABLE = "linux-6.1/conf2b-imm.yaml";

describe("a case", () => {
  it("fails with the step, the answer it must give and the one it gave", () => {
    const { failures } = run(IMMUTABLE, (text) =>
      text.replace(
        "id: imm.swapoff, do: swapoff, path: /sv/sw, expect: EPERM",
        "id: imm.swapoff, do: swapoff, path: /sv/sw, expect: ok",
      ),
    );
    expect(failures).toEqual(["expected pinned: imm.swapoff answers ok, got EPERM"]);
  });

  it("tells what a step without expectation answered", () => {
    const step = run(IMMUTABLE).steps.find(({ id }) => id === "imm.swapoff2");
    expect(step).toMatchObject({ expected: [], got: "ok" });
  });

  it("fails when the log lacks a message", () => {
    const { failures } = run("A-48s-an-inline-file.yaml", (text) =>
      text.replace("log: Unable to find swap-space signature", "log: no such words"),
    );
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain('swapon logs "no such words"');
  });

  it("that cannot be read is named with its line and fails", () => {
    const { failures, spec } = run(IMMUTABLE, (text) => text.replace("do: chattr", "do: chatter"));
    expect(spec).toBeUndefined();
    expect(failures[0]).toMatch(/conf2b-imm\.yaml:\d+:\d+: timeline\[\d+\]\.do: found "chatter"/);
  });

  it("without a conformance: part is no case", () => {
    const { failures } = run(IMMUTABLE, (text) => text.replace(/^conformance: .*$/m, ""));
    expect(failures).toEqual([
      `${IMMUTABLE}: found no conformance:, expected a case that names row and source`,
    ]);
  });
});

function outcome(row: string, failures: readonly string[]): CaseOutcome {
  const spec = { row, source: "", class: "faults", given: "", must: "", ours: false };
  return { file: `${row}.yaml`, spec, name: `<${row}>`, failures, steps: [], verdicts: {} };
}

describe("a finished suite", () => {
  const leftOut = [{ row: "F-09", class: "faults", reason: "there is no such row & never was" }];
  const suite = { cases: [outcome("F-01", []), outcome("F-02", ["broken"])], leftOut };

  it("is counted by class", () => {
    expect(conformReport(suite)).toMatch(/faults +│ +1 +│ +1 +│ +1/);
    expect(conformReport(suite)).toContain("F-02.yaml\n  broken");
  });

  it("is XML for continuous integration, with everything escaped", () => {
    const xml = junitXml(suite);
    expect(xml).toContain('<testsuite name="faults" tests="3" failures="1" skipped="1">');
    expect(xml).toContain('<testcase classname="F-01" name="&lt;F-01&gt;" file="F-01.yaml"/>');
    expect(xml).toContain('<skipped message="there is no such row &amp; never was"/>');
  });

  it("has each row once", () => {
    expect(repeatedRows([outcome("F-01", []), outcome("F-01", [])])).toEqual([
      "F-01.yaml: found row F-01 a second time, after F-01.yaml",
    ]);
  });

  it("wants a reason for what is left out", () => {
    expect(readLeftOut("left-out.yaml", "- { row: A-01, class: activation, reason: no }")).toEqual({
      problem: expect.stringContaining("left-out.yaml: entry 0:"),
    });
  });
});
