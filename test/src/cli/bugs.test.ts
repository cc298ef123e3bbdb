import { describe, expect, it } from "vitest";
import type { BugSpec } from "../../../sim/index.ts";
import type { BugFile, BugOutcome } from "../../../src/bugs/index.ts";
import type { CliPorts } from "../../../src/cli/index.ts";
import { pagestorm } from "./helpers.ts";

/** What the command makes of numbers, outcomes and exit status; the bugs themselves are fakes. */

const SHIPPED = [
  "/pkg/workloads/bugs/KB-04a-start.yaml",
  "/pkg/workloads/bugs/KB-04b-start.yaml",
  "/pkg/workloads/bugs/KB-37-for-ever.yaml",
];

const SPEC: BugSpec = {
  id: "KB-37",
  seen: "nothing",
  source: "the tests",
  evidence: "report",
  invariants: [],
  fix: { off: [], on: [] },
  witness: { pagesBack: 1, ok: [] },
};

function outcome(file: string, failures: readonly string[] = []): BugOutcome {
  return { file, spec: SPEC, title: file, told: [], variants: [], failures };
}

async function bugs(line: string, failing: Record<string, readonly string[] | Error> = {}) {
  const run: BugFile[] = [];
  const ports: Partial<CliPorts> = {
    yamlFiles: (path) =>
      path === "bugs"
        ? { paths: SHIPPED }
        : path === "mine.yaml"
          ? { paths: [path] }
          : { problem: "there is no such file or directory" },
    readText: () => ({ text: "x" }),
    openBugRunner: () => ({
      run: (_id, job) => {
        run.push(job);
        const failures = failing[job.file];
        return failures instanceof Error
          ? Promise.reject(failures)
          : Promise.resolve(outcome(job.file, failures));
      },
      close() {},
    }),
  };
  const result = await pagestorm(line, { ports });
  return { ...result, files: result.files, ran: run.map(({ file }) => file) };
}

const [A, B, C] = ["KB-04a-start.yaml", "KB-04b-start.yaml", "KB-37-for-ever.yaml"].map(
  (name) => `workloads/bugs/${name}`,
);

describe("pagestorm bugs", () => {
  it("runs all known bugs, and calls each by its place in the package", async () => {
    const { exitCode, ran } = await bugs("bugs");
    expect(exitCode).toBe(0);
    expect(ran).toEqual([A, B, C]);
  });

  it.each([
    ["KB-04b", [B]],
    ["kb-37", [C]],
    ["KB-04", [A, B]],
    ["KB-4", [A, B]],
    ["kb-4B", [B]],
    ["KB-37 KB-04a", [C, A]],
    ["KB-04 KB-04a", [A, B]],
    ["mine.yaml", ["mine.yaml"]],
  ])("%s means %j", async (words, files) => {
    expect((await bugs(`bugs ${words}`)).ran).toEqual(files);
  });

  it("tells the story of a bug that is asked for alone, and compares several", async () => {
    expect((await bugs("bugs KB-37")).stdout).toContain("What users saw: ");
    expect((await bugs("bugs KB-37 KB-04a")).stdout).not.toContain("What users saw: ");
    expect((await bugs("bugs")).stdout).not.toContain("What users saw: ");
  });

  it.each([
    ["KB-73", "KB-37"],
    ["KB-04c", "KB-04a"],
  ])("does not know %s, and names %s", async (word, near) => {
    const { exitCode, stderr, ran } = await bugs(`bugs KB-04 ${word}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`found "${word}" (did you mean "${near}"?), expected the number of a known bug`);
    expect(ran).toEqual([]);
  });

  it("ends with 1 if one does not do as it must, and runs the others", async () => {
    const { exitCode, stdout, ran } = await bugs("bugs", { [A!]: ["pinned: the toggle is inert"] });
    expect([exitCode, ran.length]).toEqual([1, 3]);
    expect(stdout).toContain(`${A}\n  pinned: the toggle is inert\n`);
  });

  it("ends with 3 at a defect of its own, and tells the line that repeats it", async () => {
    const { exitCode, stderr } = await bugs("bugs", { [C!]: new Error("broken rule") });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("pagestorm bugs /pkg/workloads/bugs/KB-37-for-ever.yaml");
  });

  it("writes JSON to standard output instead of the table", async () => {
    const { stdout } = await bugs("bugs KB-37 --json -");
    expect(JSON.parse(stdout)).toMatchObject({ schema: "pagestorm/bugs/1", bugs: [{ file: C }] });
  });

  it("writes the page with the stories, for which the bugs are run with maps", async () => {
    const { files } = await bugs("bugs KB-37 --html page.html");
    expect(files).toEqual([{ path: "page.html", text: expect.stringContaining('id="bugs"') }]);
  });

  it("does not begin if the JSON cannot be written", async () => {
    const { exitCode, ran } = await bugs("bugs --json /nowhere/x.json");
    expect([exitCode, ran]).toEqual([2, []]);
  });

  it("is quiet if asked", async () => {
    expect((await bugs("bugs --quiet")).stdout).toBe("");
  });
});
