import { describe, expect, it } from "vitest";
import type { CliPorts } from "../../../src/cli/index.ts";
import type { CaseOutcome } from "../../../src/conform/index.ts";
import { pagestorm } from "./helpers.ts";

/** What the command makes of paths, outcomes and exit status; the cases themselves are fakes. */

function outcome(file: string, failures: readonly string[] = []): CaseOutcome {
  const spec = { row: file, source: "x", class: "faults", given: "", must: "", ours: false };
  return { file, spec, name: file, failures, steps: [], verdicts: {} };
}

function conform(line: string, outcomes: Record<string, CaseOutcome | Error>) {
  const ports: Partial<CliPorts> = {
    yamlFiles: (path) =>
      path.startsWith("suite")
        ? { paths: Object.keys(outcomes) }
        : { problem: "there is no such file or directory" },
    readText: (path) => (path === "gone.yaml" ? { problem: "permission denied" } : { text: "x" }),
    openCaseRunner: () => ({
      run: (file) => {
        const found = outcomes[file];
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found!);
      },
      close() {},
    }),
  };
  return pagestorm(line, { ports });
}

describe("pagestorm conform", () => {
  it("runs the suite of the package, and is content if all pass", async () => {
    const { exitCode, stdout } = await conform("conform", { "a.yaml": outcome("a.yaml") });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/all +│ +1 +│ +0 +│ +0/);
  });

  it("runs all others if one fails or cannot be read", async () => {
    const { exitCode, stdout } = await conform("conform suite", {
      "a.yaml": outcome("a.yaml", ["expected ok"]),
      "gone.yaml": outcome("gone.yaml"),
      "z.yaml": outcome("z.yaml"),
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("a.yaml\n  expected ok");
    expect(stdout).toContain("gone.yaml: permission denied");
    expect(stdout).toMatch(/all +│ +1 +│ +2 +│ +0/);
  });

  it("names a path that leads nowhere", async () => {
    const { exitCode, stderr } = await conform("conform nowhere", {});
    expect(exitCode).toBe(2);
    expect(stderr).toBe("nowhere: there is no such file or directory\n");
  });

  it("tells a defect with the line that repeats it, after the report on the others", async () => {
    const { exitCode, stderr, stdout } = await conform("conform suite", {
      "a.yaml": new Error("broken rule"),
      "b.yaml": outcome("b.yaml"),
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("pagestorm conform a.yaml");
    expect(stdout).toMatch(/all +│ +1 +│ +1 +│ +0/);
  });

  it("writes JSON and JUnit", async () => {
    const { files, stdout } = await conform("conform suite --json - --junit out.xml", {
      "a.yaml": outcome("a.yaml"),
    });
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "pagestorm/conform/1",
      cases: [{ file: "a.yaml", result: "pass" }],
    });
    expect(files.map(({ path }) => path)).toEqual(["out.xml"]);
  });
});

describe("pagestorm import", () => {
  it("names the folder that is not there, and the text that is missing", async () => {
    expect(await conform("import nowhere", {})).toMatchObject({
      exitCode: 2,
      stderr: "nowhere: there is no such file or directory\n",
    });
    const empty = await pagestorm("import dumps", { ports: { textFiles: () => ({ paths: [] }) } });
    expect(empty).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("dumps: found no text of btrfs inspect-internal dump-tree -t chunk"),
    });
  });
});
