import { describe, expect, it } from "vitest";
import type { CliPorts, CommandResult } from "../../../src/cli/index.ts";
import { type RunRow, runRow } from "../../../src/validate/index.ts";
import { CONTROL, lines, SAMPLE, sampleRow } from "../validate/helpers.ts";
import { pagestorm as commandLine } from "./helpers.ts";

const HDD = "gl192-part-hdd-pc3-sw60-lru0-uni2x";
const NFS = "cg32-nfsloop-pc3-sw60-lru0-uni";

/** Simulates nothing: every phase comes out exactly as measured, or the row is skipped. */
const skipAll: RunRow = async () => ({ kind: "skipped", reason: "not modelled: anything" });
const simulate: RunRow = async (_id, machine) => runRow(machine);

/** A command line whose world has the given files. */
function pagestorm(
  line: string,
  files: Record<string, ReturnType<CliPorts["readData"]>>,
  run: RunRow = simulate,
): Promise<CommandResult> {
  return commandLine(line, {
    ports: {
      readData: (path) => files[path] ?? { problem: "there is no such file" },
      exists: (path) => path in files,
      openRowRunner: () => ({ run, close() {} }),
    },
  });
}

/** The last row was measured on a kernel that the model is not. */
const rows = { text: lines(sampleRow(CONTROL), sampleRow(HDD), sampleRow(NFS, { kernel: "6.12.1-amd64" })) };

describe("pagestorm validate", () => {
  it("prints the table, and what was left out and why", async () => {
    const { exitCode, stdout, stderr } = await pagestorm("validate rows", { rows });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /== all\ncounter +class pairs +median +p90 +worst row\npgmajfault +A +2 +\d+\.\d% /,
    );
    expect(stdout).toContain("== global classic\n");
    expect(stdout).toContain("== partition(virtio-blk)\n");
    expect(stdout).toMatch(new RegExp(`pswpin .* ${HDD}/(run|verify) \\d+ against \\d+`));
    expect(stdout).toContain("rows 3, compared 2, skipped 1, failed 0\n");
    expect(stdout).toContain("not modelled: a kernel other than 6.1 (1 row)\n");
  });

  it("writes every phase of every row and the table", async () => {
    const { files, stdout } = await pagestorm("validate rows --json out.json --quiet", { rows });
    expect(stdout).toBe("");
    expect(files.map(({ path }) => path)).toEqual(["out.json"]);
    const document = JSON.parse(files[0]!.text);
    expect(document.schema).toBe("pagestorm/validate/1");
    expect(document.rows.map(({ id, phase }: { id: string; phase: string }) => `${id} ${phase}`)).toEqual(
      [CONTROL, HDD, NFS].flatMap((id) => ["init", "run", "verify"].map((phase) => `${id} ${phase}`)),
    );
    expect(document.rows[3]).toMatchObject({ simulated: { pswpin: 0 }, measured: { pswpin: 0 } });
    expect(document.rows[8]).toEqual({
      id: NFS,
      phase: "verify",
      skipped: expect.stringContaining("a kernel other than 6.1"),
    });
    expect(document.counters[0]).toMatchObject({ group: "all", counter: "pgmajfault", class: "A", pairs: 2 });
  });

  it("writes JSON alone to standard output", async () => {
    const { stdout, files } = await pagestorm("validate rows --json -", { rows }, skipAll);
    expect(JSON.parse(stdout)).toMatchObject({ counters: [], withinBounds: null });
    expect(files).toEqual([]);
  });

  it("names bad lines, runs the others, and ends with status 1", async () => {
    const bad = { text: lines(sampleRow(CONTROL), "{", { id: "x" }) };
    const { exitCode, stdout, stderr } = await pagestorm("validate bad", { bad });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^bad:2: found text that is no JSON.*\nbad:3: boot: .*\n$/);
    expect(stdout).toContain("rows 1, compared 1");
  });

  it("uses what is left of a damaged archive, and ends with status 1", async () => {
    const cut = { text: lines(sampleRow(CONTROL)), damage: "unexpected end of file" };
    const { exitCode, stdout, stderr } = await pagestorm("validate cut", { cut });
    expect([exitCode, stderr]).toEqual([1, "cut: the archive is damaged: unexpected end of file\n"]);
    expect(stdout).toContain("rows 1, compared 1");
  });

  it("takes reruns from another file", async () => {
    const sample = { text: SAMPLE };
    const of = async (line: string) => (await pagestorm(line, { rows, sample }, skipAll)).stdout;
    expect(await of("validate rows")).not.toContain("further measurements");
    const reruns = {
      text: SAMPLE.split("\n")
        .filter((text) => text.includes('"rerun"'))
        .join("\n"),
    };
    const { stdout, exitCode } = await pagestorm("validate rows reruns", { rows, reruns }, skipAll);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("2 further measurements belong to no row of these files");
  });

  it("finds reruns beside a file by itself, as long as they are of its rows", async () => {
    const row = sampleRow(HDD);
    const again = { ...row, rerun: 1, run: { ...(row["run"] as object), pgmajfault: 123_456 } };
    const stranger = { ...again, id: "another" };
    const files = {
      "dir/rows": { text: lines(row) },
      "dir/reruns.jsonl.gz": { text: lines(again, stranger) },
    };
    const found = await pagestorm("validate dir/rows", files, skipAll);
    const named = await pagestorm("validate dir/rows dir/reruns.jsonl.gz", files, skipAll);
    expect(found.stdout).not.toContain("further measurements");
    expect(named.stdout).toContain("1 further measurement");
    const damaged = { ...files, "dir/reruns.jsonl.gz": { text: "{", damage: "it is cut off" } };
    const { exitCode, stderr } = await pagestorm("validate dir/rows", damaged, skipAll);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("dir/reruns.jsonl.gz: the archive is damaged");
  });

  it.each([
    ["validate absent", "absent: there is no such file\n"],
    ["validate rows --json /nowhere/a.json", "--json: /nowhere/a.json: there is no such directory\n"],
    ["validate rows --only nobody*", "--only: found nobody*, expected ids of rows, with * for any text\n"],
    ["validate", "error: missing required argument 'file'\n"],
  ])("does nothing where it is used wrongly: %s", async (line, message) => {
    const { exitCode, stdout, stderr, files } = await pagestorm(line, { rows }, skipAll);
    expect([exitCode, stdout, stderr, files]).toEqual([2, "", message, []]);
  });

  it("runs only the rows asked for", async () => {
    const { stdout } = await pagestorm("validate rows --only *-uni1.25x", { rows });
    expect(stdout).toContain("rows 1, compared 1");
  });

  it("tells a defect with the line that repeats it, and still reports the rest", async () => {
    const run: RunRow = async (id, machine) => {
      if (id === HDD) throw new Error("a frame is on two lists");
      return runRow(machine);
    };
    const { exitCode, stdout, stderr } = await pagestorm(
      "validate rows --without dropDirtyBit",
      { rows },
      run,
    );
    expect(exitCode).toBe(3);
    expect(stderr).toContain("a frame is on two lists");
    expect(stderr).toContain(`  pagestorm validate rows --only ${HDD} --without dropDirtyBit\n`);
    expect(stdout).toContain("failed 1");
  });
});
